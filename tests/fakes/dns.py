"""A DNS server of one name, whose addresses change when a test says so."""

import socket
import struct
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

NAME = "fleet.test"
A = 1
ANSWERS = 0x8580
"""Flags: a response, authoritative, recursion desired and to be had (RFC 1035, 4.1.1)."""


class Names:
    """Answers on a UDP port of this machine; ``hosts`` may be set while it does."""

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        self.hosts = tuple(hosts)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def target(self, port: int) -> str:
        """Where gRPC finds the servers at a port of each address."""
        return f"dns://127.0.0.1:{self.port}/{NAME}:{port}"

    def lookup(self, host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        """The same, as `socket.getaddrinfo`."""
        if host != NAME or not self.hosts:
            raise socket.gaierror(f"no addresses of {host}")
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (one, port)) for one in self.hosts]

    def close(self) -> None:
        """End."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            request, caller = self._socket.recvfrom(512)
            if not request:
                return
            self._socket.sendto(answer(request, self.hosts), caller)


def answer(request: bytes, hosts: Iterable[str]) -> bytes:
    """The response to a question: the addresses where it asks for A, otherwise none."""
    identifier = request[:2]
    end = request.index(b"\0", 12) + 5
    question = request[12:end]
    (kind,) = struct.unpack("!H", question[-4:-2])
    # Each name is a pointer to that of the question; the answer may be kept for no time.
    record = struct.pack("!HHHIH", 0xC00C, A, 1, 0, 4)
    records = [record + socket.inet_aton(host) for host in hosts] if kind == A else []
    return identifier + struct.pack("!5H", ANSWERS, 1, len(records), 0, 0) + question + b"".join(records)


@contextmanager
def naming(*hosts: str) -> Iterator[Names]:
    """A server of the name, which leads to these addresses."""
    names = Names(hosts)
    try:
        yield names
    finally:
        names.close()
