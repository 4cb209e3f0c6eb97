"""Names that may lead elsewhere are told from what stays where it is, and looked up."""

import socket
from typing import Any

import pytest

from hotshelf_client.names import Name, followed


def answers(*hosts: str) -> Any:
    """As getaddrinfo, of a name with these addresses."""
    return lambda host, port, **_: [(0, 0, 0, "", (one, port)) for one in hosts]


@pytest.mark.parametrize("target", ["dns:///fleet:8500", "dns:fleet:8500"])
def test_name_that_the_system_resolves_is_followed(target: str) -> None:
    assert followed(target) == Name("fleet", 8500, socket.getaddrinfo)


@pytest.mark.parametrize(
    "target",
    [
        "dns:///10.0.0.1:8500",
        "dns:///[::1]:8500",
        "dns:///localhost:8500",
        "dns://10.0.0.10/fleet:8500",
        "dns:///fleet",
        "ipv4:10.0.0.1:8500,10.0.0.2:8500",
        "ipv6:[::1]:8500",
        "unix:/run/hotshelf",
        "xds:///fleet",
    ],
)
def test_what_stays_or_is_anothers_to_resolve_is_not_followed(target: str) -> None:
    assert followed(target) is None


def test_name_at_a_dns_server_of_its_own_is_followed_by_who_can_look_it_up() -> None:
    lookup = answers()
    assert followed("dns://10.0.0.10:53/fleet:8500", lookup) == Name("fleet", 8500, lookup)


def test_addresses_are_the_same_however_the_answers_are_ordered() -> None:
    expected = {"10.0.0.1", "fd00::2"}
    assert Name("fleet", 1, answers("fd00::2", "10.0.0.1", "10.0.0.1")).look() == expected
    assert Name("fleet", 1, answers("10.0.0.1", "fd00::2")).look() == expected


@pytest.mark.parametrize("error", [socket.gaierror("no such name"), OverflowError("port"), None])
def test_name_that_has_none_at_present_has_no_addresses(error: Exception | None) -> None:
    def lookup(*_: object, **__: object) -> list[tuple[Any, ...]]:
        if error:
            raise error
        return []

    assert Name("fleet", 1, lookup).look() == frozenset()
