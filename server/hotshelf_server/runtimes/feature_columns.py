"""From one tensor a feature to the rows that a booster takes."""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.core.types import Array, Tensors, TensorSpec
from hotshelf_server.runtimes.booster_text import feature_names
from hotshelf_server.runtimes.categories import MISSING, Categories
from hotshelf_server.runtimes.columns import is_column, length
from hotshelf_store.tensors import DTYPES

NUMBERED = re.compile(r"Column_\d+")
"""The names that LightGBM gives to the features of a matrix."""

NUMBERS = frozenset(DTYPES) - {"BYTES", "BF16"}
"""Datatypes that need no categories to be numbers. BF16 is left out: NumPy has it as bit patterns alone."""


class FeatureColumns:
    """Puts the inputs side by side in the model's order, in float64, which is what LightGBM computes in."""

    def __init__(self, specs: Sequence[TensorSpec], text: str) -> None:
        """``text``: the model's, for its features' names. Raises `BadBundle` for inputs that aren't its features."""
        self._specs = _in_order(specs, feature_names(text))
        self._columns = [(spec.name, _categories(spec)) for spec in self._specs]

    def __call__(self, inputs: Tensors) -> npt.NDArray[np.float64]:
        """[n, features]. Raises `InvalidInput` for columns of unequal length, or none at all."""
        rows = np.empty((length(self._specs, inputs), len(self._columns)))
        for place, (name, categories) in enumerate(self._columns):
            column = inputs.get(name)
            if column is None:
                rows[:, place] = np.nan
            elif categories is None:
                rows[:, place] = column.reshape(-1)
            else:
                rows[:, place] = _codes(categories, column)
        return rows


def _codes(categories: Categories, column: Array) -> npt.NDArray[np.float64]:
    codes = categories.encode(column).astype(np.float64)
    codes[codes == MISSING] = np.nan
    return codes


def _categories(spec: TensorSpec) -> Categories | None:
    if not is_column(spec):
        raise BadBundle(f"signature says input {spec.name!r} with shape {list(spec.shape)}, expected [-1] or [-1, 1]")
    if spec.datatype == "BYTES" and not spec.categories:
        raise BadBundle(f"signature says input {spec.name!r} is BYTES, expected its categories: they give the codes")
    if spec.datatype not in NUMBERS | {"BYTES"}:
        raise BadBundle(f"signature says input {spec.name!r} is {spec.datatype}, expected numbers, or BYTES")
    return Categories(spec) if spec.categories else None


def _in_order(specs: Sequence[TensorSpec], features: Sequence[str]) -> list[TensorSpec]:
    """The specs in the order of the features: by name, or as they are where training gave no names."""
    by_name = {spec.name: spec for spec in specs}
    if len(specs) == len(by_name) == len(features):
        if set(by_name) == set(features):
            return [by_name[name] for name in features]
        if all(map(NUMBERED.fullmatch, features)):
            return list(specs)
    raise BadBundle(
        f"signature says inputs {', '.join(by_name) or 'none'}, the model takes one matrix 'input', "
        f"FP32 or FP64 [-1, {len(features)}], or one input for each of {', '.join(features)}"
    )
