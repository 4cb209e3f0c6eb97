"""A name stands for every address that it resolves to."""

import socket
from typing import Any

import pytest

from hotshelf_client.replicas import addresses

NAMES = {
    "fleet": ["10.0.0.2", "10.0.0.1", "10.0.0.1"],
    "dual": ["10.0.0.1", "fd00::1"],
    "localhost": ["::1", "127.0.0.1"],
}


def lookup(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
    """As getaddrinfo, from the names above and addresses."""
    if host not in NAMES and not host[0].isdigit():
        raise socket.gaierror("no such name")
    return [(0, 0, 0, "", (address, port)) for address in NAMES.get(host, [host])]


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        ("fleet:8500", ["ipv4:10.0.0.1:8500", "ipv4:10.0.0.2:8500"]),
        ("dual:1", ["ipv4:10.0.0.1:1", "ipv6:[fd00::1]:1"]),
        ("10.0.0.9:1, fleet:1", ["ipv4:10.0.0.1:1", "ipv4:10.0.0.2:1", "ipv4:10.0.0.9:1"]),
        ("localhost:1,localhost:2", ["localhost:1", "localhost:2"]),
        ("nobody:1", ["nobody:1"]),
        ("ipv4:10.0.0.1:80", ["ipv4:10.0.0.1:80"]),
        ("dns:///fleet:1", ["dns:///fleet:1"]),
    ],
)
def test_every_address_behind_the_names_is_a_replica(servers: str, expected: list[str]) -> None:
    assert addresses(servers, lookup) == expected
