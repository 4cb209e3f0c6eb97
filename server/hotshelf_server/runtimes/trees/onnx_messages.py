"""Writes the messages of ONNX that a graph of one node takes, straight as bytes.

The package ``onnx`` would do it, but a server needs it for nothing else, and it is no part of onnxruntime. Source: the
numbers of fields and types in ``onnx/onnx-ml.proto``, and the encoding of protocol buffers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hotshelf_server.core.types import Array

IR_VERSION = 10
TENSOR_TYPES = {np.dtype("f8"): 11, np.dtype("u1"): 2}
"""ONNX's numbers for the dtypes of tensors."""

INT, TENSOR, INTS = 2, 4, 7
"""Kinds of attributes."""

MOST = (1 << 28) - 1
"""The largest of a list's numbers: each is written in four bytes of seven bits."""

Attribute = int | Array
"""A number, a list of whole numbers (int64), or a tensor of one dimension, of the dtypes in `TENSOR_TYPES`."""


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a graph: a matrix of float64, of so many columns."""

    name: str
    columns: int


def model(operator: tuple[str, str, int], attributes: Mapping[str, Attribute], takes: Port, gives: Port) -> bytes:
    """A model whose graph is one node. ``operator``: its domain, name, and the version of the domain's operators."""
    domain, name, version = operator
    node = _text(1, takes.name) + _text(2, gives.name) + _text(4, name) + _text(7, domain)
    node += b"".join(_part(5, _attribute(name, value)) for name, value in attributes.items())
    graph = _part(1, node) + _text(2, "graph") + _part(11, _port(takes)) + _part(12, _port(gives))
    operators = _text(1, domain) + _number(2, version)
    return _number(1, IR_VERSION) + _part(7, graph) + _part(8, operators)


def _port(port: Port) -> bytes:
    dimensions = _part(1, _text(2, "rows")) + _part(1, _number(1, port.columns))
    tensor = _number(1, TENSOR_TYPES[np.dtype("f8")]) + _part(2, dimensions)
    return _text(1, port.name) + _part(2, _part(1, tensor))


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, INT)
    if value.dtype == np.int64:
        return _text(1, name) + _part(8, _list(value)) + _number(20, INTS)
    tensor = _number(1, len(value)) + _number(2, TENSOR_TYPES[value.dtype]) + _part(9, value.tobytes())
    return _text(1, name) + _part(5, tensor) + _number(20, TENSOR)


def _list(numbers: Array) -> bytes:
    """Seven bits a byte, the lowest first; each byte but a number's last has its highest bit set. That the last ones
    may be zero makes all numbers as long as the others, and so writable at once."""
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() <= MOST:
        raise ValueError(f"numbers from {numbers.min()} to {numbers.max()}, expected 0 to {MOST}")
    sevens = (numbers[:, None] >> np.array([0, 7, 14, 21])) & 127 | np.array([128, 128, 128, 0])
    return bytes(sevens.astype(np.uint8))


def _text(field: int, value: str) -> bytes:
    return _part(field, value.encode())


def _part(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])
