"""Names that lead to several servers, and where they lead."""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

Lookup = Callable[..., Iterable[tuple[Any, ...]]]
"""As `socket.getaddrinfo`."""

DNS = re.compile(r"dns:(?://(?P<server>[^/]*)/)?(?P<host>[^:/\[\],]+):(?P<port>\d{1,5})")
"""A gRPC target that is looked up, by a DNS server of its own or by the system's."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name whose addresses may change, the port of each, and how to look them up."""

    host: str
    port: int
    lookup: Lookup

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def look(self) -> frozenset[str]:
        """Its addresses; none when it has none at present."""
        try:
            answers = self.lookup(self.host, self.port, type=socket.SOCK_STREAM)
        except (OSError, OverflowError, UnicodeError):
            return frozenset()
        return frozenset(str(answer[4][0]) for answer in answers)


def followed(target: str, lookup: Lookup | None = None) -> Name | None:
    """The name in a gRPC target; None where there is nothing to follow.

    That is an address, this machine, another scheme, and, without a ``lookup``, a DNS server other than the system's.
    """
    found = DNS.fullmatch(target)
    if not found or (found["server"] and not lookup):
        return None
    host = found["host"]
    with suppress(ValueError):
        ipaddress.ip_address(host)
        return None
    return None if host == "localhost" else Name(host, int(found["port"]), lookup or socket.getaddrinfo)
