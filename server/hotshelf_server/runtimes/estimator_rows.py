"""From the tensors of a call to the rows that an estimator takes: a matrix, or a DataFrame where it needs names.

scikit-learn takes half a millisecond to look through a DataFrame of twenty columns, and a tenth of that for a matrix.
So an estimator that was fitted on a DataFrame, but would answer the same to a matrix, gets one, and pandas stays out.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from hotshelf_server.core.errors import BadBundle, InvalidInput
from hotshelf_server.core.types import Array, Signature, Tensors, TensorSpec
from hotshelf_server.runtimes.categories import Categories
from hotshelf_server.runtimes.columns import as_texts, is_column, length
from hotshelf_server.runtimes.estimator_names import forget_names, names_of, needs_names, used_names

Rows = Callable[[Tensors], Any]
"""Makes the rows of a call. Raises `InvalidInput` for a missing input, unequal lengths, or BYTES that are no UTF-8."""


def reader(estimator: Any, signature: Signature) -> Rows:
    """What makes rows of the inputs. May make the estimator forget the names of columns that it doesn't need.

    Raises `BadBundle` for inputs that aren't the estimator's columns, or for want of pandas.
    """
    specs, names = signature.inputs, names_of(estimator)
    _check_datatypes(specs)
    if names and not is_matrix(specs):
        specs = _in_order(specs, names, used_names(estimator))
    else:
        _check_count(specs, getattr(estimator, "n_features_in_", None))
    plain = not any(spec.categories or spec.datatype == "BYTES" for spec in specs)
    if names and plain and not needs_names(estimator):
        forget_names(estimator)
    elif names:
        return _MatrixFrame(specs[0].name, names) if is_matrix(specs) else _Frame(specs)
    elif any(spec.categories for spec in specs):
        raise BadBundle("signature says categories; expected none: the model was not fitted on columns with names")
    return _Matrix(specs)


def is_matrix(specs: Sequence[TensorSpec]) -> bool:
    """Whether the inputs are one matrix [-1, features] instead of a tensor for each feature."""
    return len(specs) == 1 and len(specs[0].shape) > 1 and not specs[0].categories


class _Matrix:
    """One input as it is, or several side by side."""

    def __init__(self, specs: Sequence[TensorSpec]) -> None:
        self._specs = specs

    def __call__(self, inputs: Tensors) -> Array:
        columns = [_column(spec.name, inputs) for spec in self._specs]
        if is_matrix(self._specs):
            return columns[0]
        length(self._specs, inputs)
        return np.column_stack([column.reshape(-1) for column in columns])


class _MatrixFrame:
    """One matrix, whose columns get the names that the estimator was fitted on."""

    def __init__(self, name: str, columns: Sequence[str]) -> None:
        self._name = name
        self._pandas = _pandas()
        self._columns = self._pandas.Index(columns)

    def __call__(self, inputs: Tensors) -> Any:
        matrix = _column(self._name, inputs)
        # Texts stay objects: pandas would look at each to find a type for them.
        return self._pandas.DataFrame(matrix, columns=self._columns, dtype=matrix.dtype)


class _Frame:
    """Named columns, each in its own type; categories as pandas has them."""

    def __init__(self, specs: Sequence[TensorSpec]) -> None:
        self._pandas = _pandas()
        self._specs = specs
        self._categories = {spec.name: self._dtype(spec) for spec in specs if spec.categories}

    def __call__(self, inputs: Tensors) -> Any:
        columns = {spec.name: self._in_pandas(spec.name, inputs) for spec in self._specs}
        length(self._specs, inputs)
        return self._pandas.DataFrame(columns)

    def _dtype(self, spec: TensorSpec) -> tuple[Categories, Any]:
        categories = Categories(spec)
        return categories, self._pandas.CategoricalDtype(list(categories.values))

    def _in_pandas(self, name: str, inputs: Tensors) -> Any:
        if name in self._categories and name in inputs:
            categories, dtype = self._categories[name]
            return self._pandas.Categorical.from_codes(categories.encode(inputs[name]), dtype=dtype)
        column = _column(name, inputs).reshape(-1)
        # Texts stay objects, as above.
        return self._pandas.Series(column, dtype=object) if column.dtype == object else column


def _column(name: str, inputs: Tensors) -> Array:
    if name not in inputs:
        raise InvalidInput(f"input {name!r} is missing; this model needs every one of its inputs", tensor=name)
    return as_texts(name, inputs[name])


def _pandas() -> Any:
    try:
        return import_module("pandas")
    except ModuleNotFoundError as error:
        raise BadBundle(
            f"the model was fitted on a DataFrame, which needs {error.name}, which isn't installed: "
            "pip install 'hotshelf[dataframe]'"
        ) from error


def _check_datatypes(specs: Sequence[TensorSpec]) -> None:
    for spec in specs:
        if spec.datatype == "BF16":
            raise BadBundle(f"signature says input {spec.name!r} is BF16, which NumPy and scikit-learn don't know")
        if not is_matrix(specs) and not is_column(spec):
            raise BadBundle(
                f"signature says input {spec.name!r} with shape {list(spec.shape)}, expected [-1] or [-1, 1]"
            )


def _check_count(specs: Sequence[TensorSpec], features: int | None) -> None:
    said = specs[0].shape[1] if is_matrix(specs) else len(specs)
    if features is not None and features != said:
        raise BadBundle(f"signature says {said} features, the model takes {features}")


def _in_order(specs: Sequence[TensorSpec], names: Sequence[str], used: Sequence[str]) -> tuple[TensorSpec, ...]:
    """The specs in the order of training. Raises `BadBundle` for other names, or without all that are used."""
    said = {spec.name: spec for spec in specs}
    if len(said) < len(specs) or not set(used) <= set(said) <= set(names):
        raise BadBundle(
            f"signature says inputs {', '.join(spec.name for spec in specs) or 'none'}; the model takes one matrix "
            f"[-1, {len(names)}], or one input for each of {', '.join(used)}"
        )
    return tuple(said[name] for name in names if name in said)
