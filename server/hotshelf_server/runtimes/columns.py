"""Inputs that are columns: one tensor [-1] or [-1, 1] for each feature."""

from collections.abc import Sequence

import numpy as np

from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.types import Array, Tensors, TensorSpec


def is_column(spec: TensorSpec) -> bool:
    """Whether a tensor of this shape holds one value a row."""
    return len(spec.shape) == 1 or (len(spec.shape) == 2 and spec.shape[1] == 1)


def length(specs: Sequence[TensorSpec], inputs: Tensors) -> int:
    """The number of rows. Raises `InvalidInput` when no input is given, or they differ in it."""
    lengths = {spec.name: inputs[spec.name].size for spec in specs if spec.name in inputs}
    if not lengths:
        raise InvalidInput(f"no input is given; expected one or more of {', '.join(spec.name for spec in specs)}")
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {size}" for name, size in lengths.items())
        raise InvalidInput(f"inputs have different numbers of rows ({said}); expected the same for each")
    return next(iter(lengths.values()))


def as_texts(name: str, array: Array) -> Array:
    """BYTES as ``str``, anything else as it is. Raises `InvalidInput` for bytes that are no UTF-8."""
    if array.dtype != object:
        return array
    texts = np.empty(array.size, dtype=object)
    try:
        texts[:] = [element.decode() for element in array.ravel()]
    except UnicodeDecodeError as error:
        raise InvalidInput(f"input {name!r}: expected texts in UTF-8: {error}", tensor=name) from error
    return texts.reshape(array.shape)
