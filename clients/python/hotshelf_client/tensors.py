"""NumPy arrays as the raw contents of the Open Inference Protocol: row-major, little-endian."""

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

DTYPES: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype("?"),
    "UINT8": np.dtype("u1"),
    "UINT16": np.dtype("<u2"),
    "UINT32": np.dtype("<u4"),
    "UINT64": np.dtype("<u8"),
    "INT8": np.dtype("i1"),
    "INT16": np.dtype("<i2"),
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
    "FP16": np.dtype("<f2"),
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
}
"""Datatypes whose raw contents are an array's own bytes. BYTES and BF16 are not."""

DATATYPES = {dtype: datatype for datatype, dtype in DTYPES.items()}
LENGTH = struct.Struct("<I")
TEXT_KINDS = "SUTO"  # fixed bytes, fixed text, variable text, objects


def as_tensor(value: npt.ArrayLike) -> Array:
    """An array of the value. Texts and bytes become objects, because fixed-width dtypes lose trailing NULs."""
    if isinstance(value, np.ndarray):
        return value
    array = np.asarray(value)
    return np.array(value, dtype=object) if array.dtype.kind in TEXT_KINDS else array


def encode(array: Array) -> tuple[str, bytes]:
    """The datatype of an array and its raw contents.

    Texts are sent as UTF-8. An array whose dtype is named ``bfloat16`` (package ml_dtypes) is sent as BF16. Raises
    `TypeError` for a dtype or element that the protocol can't carry.
    """
    if array.dtype.kind in TEXT_KINDS:
        return "BYTES", b"".join(_element(item) for item in array.astype(object).ravel())
    if array.dtype.name == "bfloat16":
        return "BF16", array.view("u2").astype("<u2").tobytes()
    little = array.dtype.newbyteorder("<")
    if (datatype := DATATYPES.get(little)) is None:
        raise TypeError(f"expected an array of bool, int, uint, float, str or bytes, found dtype {array.dtype}")
    return datatype, array.astype(little, copy=False).tobytes()


def decode(datatype: str, shape: tuple[int, ...], raw: bytes) -> Array:
    """The array of a tensor's raw contents, writable and of its own memory.

    BYTES become objects of type `bytes`; BF16 becomes float32, which holds every value of it. Raises `ValueError` when
    the contents don't fit the datatype and shape.
    """
    if datatype == "BYTES":
        array = np.empty(_size(shape), dtype=object)
        array[:] = _elements(raw, len(array))
        return array.reshape(shape)
    if datatype == "BF16":
        halves = _fixed(datatype, np.dtype("<u2"), shape, raw)
        return (halves.astype("<u4") << 16).view("<f4")
    if datatype not in DTYPES:
        raise ValueError(f"unknown datatype {datatype!r}")
    return _fixed(datatype, DTYPES[datatype], shape, raw).copy()


def _fixed(datatype: str, dtype: np.dtype[Any], shape: tuple[int, ...], raw: bytes) -> Array:
    expected = _size(shape) * dtype.itemsize
    if len(raw) != expected:
        raise ValueError(f"{datatype} of shape {list(shape)}: expected {expected} bytes, found {len(raw)}")
    return np.frombuffer(raw, dtype=dtype).reshape(shape)


def _size(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape, dtype=np.int64))


def _element(item: object) -> bytes:
    if isinstance(item, str):
        item = item.encode()
    if not isinstance(item, bytes):
        raise TypeError(f"an element of BYTES must be bytes or str, found {type(item).__name__}")
    return LENGTH.pack(len(item)) + item


def _elements(raw: bytes, count: int) -> list[bytes]:
    found: list[bytes] = []
    at = 0
    while at < len(raw):
        start = at + LENGTH.size
        if start > len(raw) or (at := start + LENGTH.unpack_from(raw, at)[0]) > len(raw):
            raise ValueError(f"BYTES: element {len(found)} ends after its contents do")
        found.append(raw[start:at])
    if len(found) != count:
        raise ValueError(f"BYTES: expected {count} elements, found {len(found)}")
    return found
