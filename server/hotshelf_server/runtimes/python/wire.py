"""What server and worker say to each other: a line of JSON, then the raw tensors. Never a pickle, which is code."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hotshelf_server.core.types import Array, Parameters, Tensors
from hotshelf_store.golden import datatype_of
from hotshelf_store.tensors import decode, encode


@dataclass(frozen=True, slots=True)
class Message:
    """``kind`` is ``call``, ``stop``, ``response``, ``end`` or ``fault``; ``call`` numbers the call that it belongs to.

    ``several`` is true for the responses of an iterator.
    """

    kind: str
    call: int = 0
    tensors: Tensors = field(default_factory=dict)
    parameters: Parameters = field(default_factory=dict)
    text: str = ""
    several: bool = False


def pack(message: Message) -> bytes:
    """The message as bytes. Raises `ValueError` for a tensor or parameter of a type that the protocol doesn't have."""
    tensors: list[dict[str, Any]] = []
    raws: list[bytes] = []
    for name, array in message.tensors.items():
        plain = _plain(array)
        datatype = datatype_of(plain)
        raws.append(encode(plain, datatype))
        tensors.append({"name": name, "datatype": datatype, "shape": plain.shape, "size": len(raws[-1])})
    head = {
        "kind": message.kind,
        "call": message.call,
        "tensors": tensors,
        "parameters": _checked(message.parameters),
        "text": message.text,
        "several": message.several,
    }
    return b"\n".join((json.dumps(head).encode(), b"".join(raws)))


def unpack(data: bytes) -> Message:
    """The message of `pack`'s bytes. Raises `ValueError` (or a `KeyError`, `TypeError`) for any others."""
    line, _, raw = data.partition(b"\n")
    head = json.loads(line)
    tensors: dict[str, Array] = {}
    start = 0
    for spec in head["tensors"]:
        end = start + spec["size"]
        tensors[spec["name"]] = decode(raw[start:end], spec["datatype"], tuple(spec["shape"]))
        start = end
    return Message(head["kind"], head["call"], tensors, head["parameters"], head["text"], head["several"])


def _plain(array: Array) -> Array:
    """Texts as objects of bytes; everything else in this machine's own byte order as little-endian."""
    if array.dtype.kind not in "US":
        return array.astype(array.dtype.newbyteorder("<"), copy=False)
    texts = np.empty(array.shape, dtype=object)
    texts.ravel()[:] = [text.encode() if isinstance(text, str) else bytes(text) for text in array.ravel()]
    return texts


def _checked(parameters: Mapping[Any, Any]) -> dict[str, Any]:
    for name, value in parameters.items():
        if not isinstance(name, str) or not isinstance(value, bool | int | float | str):
            raise ValueError(f"parameter {name!r} is a {type(value).__name__}, expected bool, int, float or str")  # noqa: TRY004 - one kind of error for callers
    return dict(parameters)
