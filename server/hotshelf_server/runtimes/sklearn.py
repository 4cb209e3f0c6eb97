"""scikit-learn estimators and pipelines saved by skops: no pickle, and a list of types that the server trusts.

Inputs: one matrix ``input`` [-1, features], or one tensor [-1] or [-1, 1] for each feature in the model's order.
Outputs, as the signature names them: ``predict``, ``predict_proba``, ``decision_function``, ``transform``,
``score_samples``.

BYTES are UTF-8 text, which the estimator gets as ``str``: what it learned from.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from threadpoolctl import threadpool_limits

from hotshelf_server.core.errors import BadBundle, InvalidInput, ModelFault
from hotshelf_server.core.types import Array, Parameters, Response, Signature, Tensors
from hotshelf_server.runtimes.policy import RuntimePolicy
from hotshelf_store.tensors import DTYPES

FILE = "model.skops"
LIBRARIES = ("scikit-learn", "lightgbm")
"""LightGBM where the model holds some of it. skops is left out: it reads the files of its older releases."""
METHODS = ("predict", "predict_proba", "decision_function", "transform", "score_samples")

TRUSTED_TYPES = frozenset(
    {
        "collections.OrderedDict",
        "lightgbm.basic.Booster",
        "lightgbm.sklearn.LGBMClassifier",
        "lightgbm.sklearn.LGBMRanker",
        "lightgbm.sklearn.LGBMRegressor",
        "numpy.dtype",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.tree._tree.Tree",
        "sklearn.utils._bunch.Bunch",
    }
)
"""Types beyond skops' own list that are data, not code. Functions of a user never belong here."""


class SklearnServable:
    """An estimator; each output is one of its methods."""

    def __init__(self, estimator: Any, signature: Signature, threads: int) -> None:
        self._estimator = estimator
        self._threads = threads
        self.signature = signature

    def predict(self, inputs: Tensors, parameters: Parameters) -> Response:  # noqa: ARG002 - takes no parameters
        """Call the method behind each output of the signature.

        Raises `InvalidInput` for rows that the estimator refuses, such as none, or NaN where it takes none.
        """
        rows = self._matrix(inputs)
        with threadpool_limits(self._threads):
            found = {spec: self._call(spec.name, rows) for spec in self.signature.outputs}
        try:
            return Response({spec.name: _as_datatype(values, spec.datatype) for spec, values in found.items()})
        except (ValueError, TypeError) as error:
            raise ModelFault(f"the model gives what its signature doesn't say: {error}") from error

    def close(self) -> None:
        """Nothing but memory is held."""

    def _call(self, method: str, rows: Array) -> Any:
        try:
            return getattr(self._estimator, method)(rows)
        except ValueError as error:  # how scikit-learn refuses what it is given
            raise InvalidInput(f"the model refused the rows: {error}") from error
        except TypeError as error:
            raise ModelFault(f"the model failed on the rows: {error}") from error

    def _matrix(self, inputs: Tensors) -> Array:
        columns = [_column(spec.name, inputs) for spec in self.signature.inputs]
        if len(columns) == 1 and columns[0].ndim > 1:
            return columns[0]
        lengths = {spec.name: column.size for spec, column in zip(self.signature.inputs, columns, strict=True)}
        if len(set(lengths.values())) > 1:
            said = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise InvalidInput(f"inputs have different numbers of rows ({said}); expected the same for each")
        return np.column_stack([column.reshape(-1) for column in columns])


def load(folder: Path, signature: Signature, options: Mapping[str, str], policy: RuntimePolicy) -> SklearnServable:
    """Load ``model.skops``, or the file that option ``file`` names, if every type in it is trusted."""
    path = folder / options.get("file", FILE)
    estimator = load_trusted(path, policy)
    for spec in signature.outputs:
        if spec.name not in METHODS or not hasattr(estimator, spec.name):
            able = [method for method in METHODS if hasattr(estimator, method)]
            raise BadBundle(f"signature says output {spec.name!r}, the model gives {', '.join(able)}")
    features = getattr(estimator, "n_features_in_", None)
    if features is not None and features != _features(signature):
        raise BadBundle(f"signature says {_features(signature)} features, the model takes {features}")
    return SklearnServable(estimator, signature, policy.threads)


def load_trusted(path: Path, policy: RuntimePolicy) -> Any:
    """The estimator in a skops file. Raises `BadBundle` naming every type that isn't trusted."""
    with _refusing(path):
        unknown = set(skops.io.get_untrusted_types(file=path))
    untrusted = sorted(unknown - TRUSTED_TYPES - set(policy.skops_types))
    if untrusted:
        raise BadBundle(
            f"{path.name} holds types that this server doesn't trust: {', '.join(untrusted)}; "
            "an operator may allow them with skops_types in the configuration"
        )
    with _refusing(path):
        return skops.io.load(path, trusted=sorted(unknown))


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turn whatever skops, or the classes that it builds, raise into a `BadBundle`."""
    try:
        yield
    except Exception as error:
        raise BadBundle(f"{path.name} can't be loaded: {type(error).__name__}: {error}") from error


def _column(name: str, inputs: Tensors) -> Array:
    """One input, with text as ``str``. Raises `InvalidInput`."""
    if name not in inputs:
        raise InvalidInput(f"input {name!r} is missing; this model needs every one of its inputs", tensor=name)
    array = inputs[name]
    if array.dtype != object:
        return array
    texts = np.empty(array.size, dtype=object)
    try:
        texts[:] = [element.decode() for element in array.ravel()]
    except UnicodeDecodeError as error:
        raise InvalidInput(f"input {name!r}: expected texts in UTF-8: {error}", tensor=name) from error
    return texts.reshape(array.shape)


def _features(signature: Signature) -> int:
    first = signature.inputs[0].shape if signature.inputs else ()
    return first[1] if len(signature.inputs) == 1 and len(first) > 1 else len(signature.inputs)


def _as_datatype(values: Any, datatype: str) -> Array:
    array = values.toarray() if hasattr(values, "toarray") else np.asarray(values)
    if datatype != "BYTES":
        return array.astype(DTYPES[datatype], copy=False)
    labels = np.empty(array.shape, dtype=object)
    labels[...] = np.vectorize(lambda label: str(label).encode(), otypes=[object])(array) if array.size else array
    return labels
