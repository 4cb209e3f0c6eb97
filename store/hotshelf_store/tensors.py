"""Tensors in the raw form of the Open Inference Protocol: row-major, little-endian; BYTES with 4-byte lengths.

NumPy has no bfloat16: BF16 tensors are held as their ``uint16`` bit patterns.
"""

import struct
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

DTYPES: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype(np.bool_),
    "UINT8": np.dtype("<u1"),
    "UINT16": np.dtype("<u2"),
    "UINT32": np.dtype("<u4"),
    "UINT64": np.dtype("<u8"),
    "INT8": np.dtype("<i1"),
    "INT16": np.dtype("<i2"),
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
    "FP16": np.dtype("<f2"),
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
    "BF16": np.dtype("<u2"),
    "BYTES": np.dtype(object),
}
"""NumPy dtype of each protocol datatype."""


def encode(array: Array, datatype: str) -> bytes:
    """The raw form of an array whose dtype fits the datatype. Raises `ValueError` naming both otherwise."""
    found = as_raw(array, datatype)
    return found if isinstance(found, bytes) else found.tobytes()


def as_raw(array: Array, datatype: str) -> bytes | Array:
    """The raw form, or an array that lies in memory as it: C-contiguous, and not a copy if it needn't be one.

    Raises as `encode` does.
    """
    if datatype == "BYTES":
        return _encode_bytes(array)
    expected = DTYPES[datatype]
    if array.dtype != expected:
        raise ValueError(f"datatype {datatype}: expected an array of dtype {expected}, found {array.dtype}")
    return np.ascontiguousarray(array, dtype=expected)


def decode(raw: bytes | memoryview, datatype: str, shape: tuple[int, ...]) -> Array:
    """The array of a raw form: read-only, aligned, and without a copy but for BYTES and what doesn't lie aligned.

    Raises `ValueError` naming the number of bytes or elements that was expected and found.
    """
    if datatype == "BYTES":
        return _decode_bytes(bytes(raw), shape)
    dtype = DTYPES[datatype]
    count = _count(shape)
    if len(raw) != count * dtype.itemsize:
        raise ValueError(f"expected {count * dtype.itemsize} bytes for {datatype} {list(shape)}, found {len(raw)}")
    found = np.frombuffer(raw, dtype=dtype)
    if not found.flags.aligned:
        found = found.copy()
        found.flags.writeable = False
    return found.reshape(shape)


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def _encode_bytes(array: Array) -> bytes:
    elements: list[Any] = array.ravel().tolist()
    strange = next((kind for kind in set(map(type, elements)) if not issubclass(kind, bytes)), None)
    if strange is not None:
        raise ValueError(f"datatype BYTES: expected elements of type bytes, found {strange.__name__}")
    lengths = map(struct.Struct("<I").pack, map(len, elements))
    return b"".join(chain.from_iterable(zip(lengths, elements, strict=True)))


def _decode_bytes(raw: bytes, shape: tuple[int, ...]) -> Array:
    count = _count(shape)
    elements = _of_one_length(raw, count)
    if elements is None:
        elements = _one_by_one(raw, count, shape)
    array = np.empty(count, dtype=object)
    array[:] = elements
    return array.reshape(shape)


def _of_one_length(raw: bytes, count: int) -> list[bytes] | None:
    """The elements, if all are as long as the first, as keys and codes are."""
    size = 4 + int.from_bytes(raw[:4], "little")
    if not count or count * size != len(raw):
        return None
    heads = np.frombuffer(raw, np.uint8).reshape(count, size)[:, :4]
    if (heads != heads[0]).any():
        return None
    return [raw[start + 4 : start + size] for start in range(0, len(raw), size)]


def _one_by_one(raw: bytes, count: int, shape: tuple[int, ...]) -> list[bytes]:
    elements: list[bytes] = []
    position = 0
    while position < len(raw) and len(elements) <= count:
        if position + 4 > len(raw):
            raise ValueError(f"BYTES: a length needs 4 bytes, {len(raw) - position} are left")
        (length,) = struct.unpack_from("<I", raw, position)
        position += 4
        if position + length > len(raw):
            raise ValueError(f"BYTES: an element of {length} bytes is announced, {len(raw) - position} are left")
        elements.append(raw[position : position + length])
        position += length
    if len(elements) != count or position != len(raw):
        found = f"{len(elements)}" if position == len(raw) else f"more than {count}"
        raise ValueError(f"BYTES {list(shape)}: expected {count} elements, found {found}")
    return elements
