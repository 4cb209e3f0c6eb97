"""Tensors in the raw form of the Open Inference Protocol: row-major, little-endian; BYTES with 4-byte lengths.

NumPy has no bfloat16: BF16 tensors are held as their ``uint16`` bit patterns.
"""

import struct
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
    if datatype == "BYTES":
        return _encode_bytes(array)
    expected = DTYPES[datatype]
    if array.dtype != expected:
        raise ValueError(f"datatype {datatype}: expected an array of dtype {expected}, found {array.dtype}")
    return np.ascontiguousarray(array, dtype=expected).tobytes()


def decode(raw: bytes, datatype: str, shape: tuple[int, ...]) -> Array:
    """The array of a raw form, read-only and without a copy but for BYTES.

    Raises `ValueError` naming the number of bytes or elements that was expected and found.
    """
    if datatype == "BYTES":
        return _decode_bytes(raw, shape)
    dtype = DTYPES[datatype]
    count = _count(shape)
    if len(raw) != count * dtype.itemsize:
        raise ValueError(f"expected {count * dtype.itemsize} bytes for {datatype} {list(shape)}, found {len(raw)}")
    return np.frombuffer(raw, dtype=dtype).reshape(shape)


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def _encode_bytes(array: Array) -> bytes:
    pieces: list[bytes] = []
    for element in array.ravel():
        if not isinstance(element, bytes):
            raise ValueError(f"datatype BYTES: expected elements of type bytes, found {type(element).__name__}")  # noqa: TRY004 - one kind of error for callers
        pieces += (struct.pack("<I", len(element)), element)
    return b"".join(pieces)


def _decode_bytes(raw: bytes, shape: tuple[int, ...]) -> Array:
    count = _count(shape)
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
    array = np.empty(count, dtype=object)
    array[:] = elements
    return array.reshape(shape)
