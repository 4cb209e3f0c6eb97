"""Claims the port for the workers, who then listen on it side by side (SO_REUSEPORT).

A claim is a socket that is bound and never listens. It is bound without SO_REUSEPORT, so that it fails where anybody
else has the port, and shared only afterwards: sockets of the same user that ask for it may then bind the port as well,
and nobody else can, another server of this kind included.
"""

import errno
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from hotshelf_server.core.ports import taken

WILDCARDS = ("::", "0.0.0.0")  # noqa: S104 - what an operator asked for
"""gRPC takes both for all addresses of both families."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A port that is ours until the claim is closed."""

    port: int
    sockets: Sequence[socket.socket]

    def close(self) -> None:
        """Give it back."""
        for one in self.sockets:
            one.close()


def claim(host: str, port: int) -> Claim:
    """Claim the port on every address of a host, written as gRPC takes it; 0 takes a free one. Raises `PortTaken`."""
    held: list[socket.socket] = []
    try:
        for family, place in _places(host.strip("[]")):
            with suppress(_NoSuchAddress):
                held.append(_bound(family, place, held[0].getsockname()[1] if held else port))
    except OSError as error:
        for one in held:
            one.close()
        raise taken(f"{host}:{port}") from error
    if not held:
        raise taken(f"{host}:{port}")
    return Claim(held[0].getsockname()[1], held)


class _NoSuchAddress(Exception):
    """This machine lacks the address, or its family."""


def _places(host: str) -> Sequence[tuple[int, str]]:
    if host in WILDCARDS:
        # One socket of both families where there are both, as gRPC does it.
        return [(socket.AF_INET6, "::")] if _has_ipv6() else [(socket.AF_INET, WILDCARDS[1])]
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((int(family), str(place[0])) for family, _, _, _, place in found))


def _bound(family: int, place: str, port: int) -> socket.socket:
    try:
        one = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise _NoSuchAddress from error
    try:
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, place != WILDCARDS[0])
        # Connections that are about to end (TIME_WAIT) are no reason to refuse; but no second claim may come after.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind((place, port))
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except OSError as error:
        one.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise _NoSuchAddress from error
        raise
    return one


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as one:
            one.bind(("::", 0))
    except OSError:
        return False
    return True
