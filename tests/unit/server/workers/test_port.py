"""The port is claimed so that workers can share it, and nobody else can."""

import socket
from collections.abc import Iterator

import pytest

from hotshelf_server.core.ports import PortTaken
from hotshelf_server.workers.port import Claim, claim

HOSTS = ("[::]", "0.0.0.0", "127.0.0.1", "localhost")  # noqa: S104 - what operators write


@pytest.fixture(params=HOSTS)
def held(request: pytest.FixtureRequest) -> Iterator[tuple[str, Claim]]:
    found = claim(request.param, 0)
    yield request.param, found
    found.close()


def listener(port: int, *, shared: bool) -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, shared)
    try:
        one.bind(("127.0.0.1", port))
        one.listen()
    except OSError:
        one.close()
        raise
    return one


def test_workers_share_a_claimed_port(held: tuple[str, Claim]) -> None:
    _, found = held
    assert found.port > 0
    with listener(found.port, shared=True) as one, listener(found.port, shared=True) as other:
        assert one.getsockname() == other.getsockname()


def test_a_claimed_port_can_not_be_claimed_again_nor_bound_by_others(held: tuple[str, Claim]) -> None:
    host, found = held
    with pytest.raises(PortTaken, match=f":{found.port}: the port is taken"):
        claim(host, found.port)
    with pytest.raises(OSError, match="in use"):
        listener(found.port, shared=False)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("host", ["127.0.0.1", "[::]"])
def test_a_port_that_somebody_listens_on_is_taken_even_if_they_would_share_it(host: str, shared: bool) -> None:
    with listener(0, shared=shared) as holder, pytest.raises(PortTaken):
        claim(host, holder.getsockname()[1])


def test_a_claim_that_is_given_back_can_be_claimed() -> None:
    first = claim("127.0.0.1", 0)
    first.close()
    claim("127.0.0.1", first.port).close()


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(PortTaken, match=f"can't listen on {host}:0"):
        claim(host, 0)
