"""Addresses become targets that are resolved and balanced."""

import pytest

from hotshelf_client.channel import target


@pytest.mark.parametrize("address", ["localhost:8500", "models.example:1", "10.0.0.1:80", "[::1]:8500"])
def test_name_and_port_are_resolved(address: str) -> None:
    assert target(address) == f"dns:///{address}"


@pytest.mark.parametrize("address", ["dns:///a:1", "unix:/run/hotshelf", "ipv4:10.0.0.1:80,10.0.0.2:80", "xds:///a"])
def test_scheme_is_left_to_grpc(address: str) -> None:
    assert target(address) == address


@pytest.mark.parametrize("address", ["localhost", "", ":8500", "localhost:", "localhost:http"])
def test_address_without_host_or_port_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="expected host:port"):
        target(address)
