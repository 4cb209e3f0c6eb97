"""What a trained model tells of the columns that it takes: their names, datatypes and the values that it knows."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hotshelf_server.runtimes.booster_text import UnknownCategories, feature_names, pandas_categories
from hotshelf_store import TensorSpec
from hotshelf_trainer.foreign.errors import Unpublishable


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``values``: those that it had in training, where the model remembers them.

    ``categorical``: the model takes it as categories, whose codes are the places of the values.
    """

    name: str
    datatype: str = "FP64"
    values: tuple[Any, ...] = ()
    categorical: bool = False

    def spec(self) -> TensorSpec:
        """Its place in a signature: one value a row."""
        categories = map(_text, self.values) if self.categorical else ()
        return TensorSpec(name=self.name, datatype=self.datatype, shape=[-1], categories=categories)


def of_booster(text: str) -> list[Column]:
    """The features of a LightGBM text model. Raises `Unpublishable` where it isn't clear whose its categories are."""
    names = feature_names(text)
    try:
        known = pandas_categories(text)
    except UnknownCategories as error:
        raise Unpublishable(f"{error}; say which inputs have which categories with --signature FILE") from error
    return [
        Column(name, _datatype(name, known[place]), known[place], categorical=True) if place in known else Column(name)
        for place, name in enumerate(names)
    ]


def of_estimator(estimator: Any) -> list[Column]:
    """The columns of the DataFrame that an estimator was fitted on and uses; none when it was fitted on a matrix.

    Encoders know their columns' values. What no encoder sees is taken for numbers.
    """
    # scikit-learn takes seconds to come in; LightGBM's text models need none of it.
    from hotshelf_server.runtimes.estimator_names import entry, names_of, used_names  # noqa: PLC0415

    first, names = entry(estimator), names_of(estimator)
    if names and hasattr(first, "booster_"):
        # The text's names lack what LightGBM doesn't like in them.
        features = of_booster(first.booster_.model_to_string())
        return [replace(column, name=name) for column, name in zip(features, names, strict=True)]
    known = _encoded(first, names)
    return [
        Column(name, _datatype(name, known[name]), tuple(known[name])) if name in known else Column(name)
        for name in used_names(estimator)
    ]


def complete(specs: Iterable[TensorSpec], columns: Sequence[Column]) -> None:
    """Give each spec without categories those of its column, where they are of the same kind: texts, or numbers."""
    known = {column.name: column for column in columns if column.categorical}
    for spec in specs:
        column = known.get(spec.name)
        if column and not spec.categories and (spec.datatype == "BYTES") == (column.datatype == "BYTES"):
            spec.categories.extend(column.spec().categories)


def _encoded(part: Any, names: tuple[str, ...]) -> Mapping[str, Sequence[Any]]:
    """The values of each column that an encoder takes, at once or behind what fills its gaps."""
    from sklearn.compose import ColumnTransformer  # noqa: PLC0415 - as above
    from sklearn.pipeline import Pipeline  # noqa: PLC0415 - as above

    from hotshelf_server.runtimes.estimator_names import pick  # noqa: PLC0415 - as above

    # Gradient boosting that takes categories by their dtype has such an encoder inside.
    part = getattr(part, "_preprocessor", None) or part
    if isinstance(part, ColumnTransformer):
        found: dict[str, Sequence[Any]] = {}
        for _, transformer, columns in part.transformers_:
            found |= _encoded(transformer, pick(names, columns))
        return found
    for step in [step for _, step in part.steps] if isinstance(part, Pipeline) else [part]:
        categories = getattr(step, "categories_", ())
        if names and len(categories) == len(names):
            return {name: _present(values) for name, values in zip(names, categories, strict=True)}
    return {}


def _present(values: Any) -> list[Any]:
    """Values as Python has them, without those that stand for a missing one."""
    found = np.asarray(values).tolist()
    return [value for value in found if value is not None and not (isinstance(value, float) and math.isnan(value))]


def _datatype(name: str, values: Iterable[Any]) -> str:
    """The datatype that holds all of the values."""
    kinds = {type(value) for value in values} or {float}
    for datatype, allowed in (("BYTES", {str}), ("BOOL", {bool}), ("INT64", {int}), ("FP64", {int, float})):
        if kinds <= allowed:
            return datatype
    raise Unpublishable(
        f"column {name!r} has categories of several types ({', '.join(sorted(kind.__name__ for kind in kinds))}); "
        "expected texts alone, numbers alone or truth values alone"
    )


def _text(value: Any) -> str:
    """A category as a signature writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
