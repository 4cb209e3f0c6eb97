"""What parent and workers say to each other: JSON objects on a stream socket, each behind its length."""

import asyncio
import json
import socket
import struct
import threading
from typing import Any

Message = dict[str, Any]
"""Its ``kind`` says what it is; the other fields depend on that."""

LENGTH = struct.Struct(">I")
MAX_BYTES = 256 << 20
"""Of one message: the metrics of very many models."""


def packed(message: Message) -> bytes:
    """A message as it goes over the socket."""
    body = json.dumps(message).encode()
    return LENGTH.pack(len(body)) + body


async def receive(reader: asyncio.StreamReader) -> Message | None:
    """The next message; None when the other side has closed."""
    try:
        (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
        return _read(await reader.readexactly(_within_bounds(length)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


class Channel:
    """A worker's end. Any thread may send; one receives."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._lock = threading.Lock()

    def send(self, kind: str, **fields: Any) -> None:
        """Send a message. Raises `OSError` when the parent has gone."""
        message = packed({"kind": kind, **fields})
        with self._lock:
            self._end.sendall(message)

    def receive(self) -> Message | None:
        """The next message; None when the parent has gone."""
        try:
            (length,) = LENGTH.unpack(self._exactly(LENGTH.size))
            return _read(self._exactly(_within_bounds(length)))
        except (EOFError, ConnectionError):
            return None

    def _exactly(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            more = self._end.recv(min(1 << 20, size - len(found)))
            if not more:
                raise EOFError
            found += more
        return bytes(found)


def _read(body: bytes) -> Message:
    message: Message = json.loads(body)
    return message


def _within_bounds(length: int) -> int:
    if length > MAX_BYTES:
        raise ConnectionError(f"a message of {length} bytes, at most {MAX_BYTES} are taken")
    return length
