"""Large ModelInfer messages between bytes and arrays with as few copies as can be.

protobuf copies raw contents twice on their way in (to its memory, and from there to each who asks) and three times on
their way out. Here the contents of a large request stay where they came, and a large answer is written once. Messages
are taken apart at their outermost fields only, whose form is
https://protobuf.dev/programming-guides/encoding/; all else is protobuf's.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_store.tensors import Array

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

LARGE = 64 << 10
"""Bytes of a message from which on copies cost more than to take it apart."""

MAX_FIELDS = 4096
"""Outermost fields of a message that is taken apart; one of more is protobuf's."""

RAW_INPUT_TAG, RAW_OUTPUT_TAG = b"\x3a", b"\x32"
"""What stands before raw contents and their length: fields 7 of a request and 6 of a response."""

MAX_VARINT = 10
"""Bytes of the longest number."""


class OpenedRequest:
    """Looks like a request; its raw contents are pieces of the message that came."""

    __slots__ = ("_message", "raw_input_contents")

    def __init__(self, message: pb.ModelInferRequest, contents: Sequence[memoryview]) -> None:
        self._message = message
        self.raw_input_contents = contents

    def __getattr__(self, name: str) -> Any:
        return getattr(self._message, name)


class OpenResponse:
    """Looks like a response without contents; they are written after it."""

    __slots__ = ("_message", "contents")

    def __init__(self, message: pb.ModelInferResponse, contents: "Sequence[bytes | Array]") -> None:
        """Arrays are C-contiguous, and must not change until they are written."""
        self._message = message
        self.contents = contents

    def __getattr__(self, name: str) -> Any:
        return getattr(self._message, name)

    def SerializeToString(self) -> bytes:  # noqa: N802 - protobuf's name for it
        """The whole response."""
        pieces: list[Buffer] = [self._message.SerializeToString()]
        for content in self.contents:
            size = len(content) if isinstance(content, bytes) else content.nbytes
            pieces += (RAW_OUTPUT_TAG, varint(size))
            pieces.append(content if isinstance(content, bytes) else content.data)
        return b"".join(pieces)


def read(content: bytes, large: int = LARGE) -> pb.ModelInferRequest:
    """A request, or what looks like one if it has so many bytes. Raises `google.protobuf.message.DecodeError`."""
    opened = _opened(content) if len(content) >= large else None
    if opened is None:
        return pb.ModelInferRequest.FromString(content)
    others, contents = opened
    return cast("pb.ModelInferRequest", OpenedRequest(pb.ModelInferRequest.FromString(b"".join(others)), contents))


def write(response: pb.ModelInferResponse) -> bytes:
    """The bytes of a response, or of what looks like one."""
    return response.SerializeToString()


def _opened(content: bytes) -> tuple[list[memoryview], list[memoryview]] | None:
    """The outermost fields but for raw contents, and those. None for what protobuf is to judge."""
    view = memoryview(content)
    others: list[memoryview] = []
    contents: list[memoryview] = []
    end = 0
    try:
        while end < len(content):
            start = end
            tag, at = _number(content, start)
            end = _end(content, tag & 7, at)
            if end > len(content) or len(others) + len(contents) >= MAX_FIELDS:
                return None
            if tag == RAW_INPUT_TAG[0]:
                _, at = _number(content, at)
                contents.append(view[at:end])
            else:
                others.append(view[start:end])
    except (IndexError, ValueError):
        return None
    return others, contents


def _end(content: bytes, kind: int, at: int) -> int:
    """Where a field's value ends that begins at a place. Raises `ValueError` for groups, which nobody sends."""
    match kind:
        case 0:  # a varint
            return _number(content, at)[1]
        case 1:  # eight bytes
            return at + 8
        case 2:
            size, at = _number(content, at)
            return at + size
        case 5:  # four bytes
            return at + 4
    raise ValueError(f"wire type {kind}")


def _number(content: bytes, at: int) -> tuple[int, int]:
    """A varint and where it ends. Raises `IndexError` beyond the end, `ValueError` for one that is too long."""
    found = shift = 0
    for place in range(at, at + MAX_VARINT):
        byte = content[place]
        found |= (byte & 0x7F) << shift
        if byte < 0x80:
            return found, place + 1
        shift += 7
    raise ValueError("a varint of more than 10 bytes")


def varint(number: int) -> bytes:
    """A number from 0 up, as protobuf writes it: seven bits a byte, the lowest first."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)
