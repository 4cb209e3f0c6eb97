"""The categories of an input: from the values that callers send to the codes that a model learned.

A category's code is its place in the signature. The values are what the datatype says: texts for BYTES, else numbers or
truth values, which the signature writes as text. A value that is none of the categories counts as missing, as LightGBM,
pandas and scikit-learn's encoders have it: a new colour in the shop must not fail a call.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.core.types import Array, TensorSpec
from hotshelf_store.tensors import DTYPES

Value = bool | int | float | str

MISSING = -1
"""The code of what is none of the categories."""

TRUTHS = {"true": True, "false": False}


class Categories:
    """The categories of one input: ``values`` by code, and codes by value."""

    def __init__(self, spec: TensorSpec) -> None:
        """Raises `BadBundle` for a category that the datatype can't hold, or that is there twice."""
        self.values = tuple(_value(spec, text) for text in spec.categories)
        self._codes: Mapping[bytes | Value, int] = {
            value.encode() if isinstance(value, str) else value: code for code, value in enumerate(self.values)
        }
        if len(self._codes) < len(self.values):
            raise BadBundle(f"input {spec.name!r}: expected each category once, found {list(spec.categories)}")

    def encode(self, column: Array) -> npt.NDArray[np.int64]:
        """[n] the code of each element, `MISSING` for what is none of the categories."""
        codes = self._codes
        return np.fromiter((codes.get(value, MISSING) for value in column.ravel().tolist()), np.int64, column.size)


def _value(spec: TensorSpec, text: str) -> Value:
    if spec.datatype == "BYTES":
        return text
    dtype = DTYPES[spec.datatype]
    try:
        if dtype.kind == "b":
            return TRUTHS[text.lower()]
        # By way of the dtype, so that 0.1 in FP32 is what callers send as 0.1 in FP32.
        value: Value = dtype.type(text).item()
    except (KeyError, ValueError, OverflowError) as error:
        raise BadBundle(f"input {spec.name!r}: category {text!r}, expected a value of {spec.datatype}") from error
    if value != value:  # noqa: PLR0124 - only NaN differs from itself, whatever the type
        raise BadBundle(f"input {spec.name!r}: category {text!r}, expected a value that equals itself")
    return value
