"""Metrics can be scraped on every host."""

import errno
import socket
import urllib.request
from collections.abc import Iterable
from typing import Any

import prometheus_client
import pytest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from hotshelf_server.observability import endpoint
from hotshelf_server.observability.endpoint import MetricsEndpoint

start = prometheus_client.start_http_server


class EmptyCollector(Collector):
    """Has nothing to tell."""

    def collect(self) -> Iterable[Metric]:
        return ()


@pytest.mark.parametrize("number", [errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, socket.EAI_ADDRFAMILY])
def test_without_ipv6_all_addresses_are_those_of_ipv4(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def without_ipv6(port: int, host: str, *rest: Any) -> Any:
        if ":" in host:
            raise OSError(number, "no IPv6 here")
        return start(port, host, *rest)

    monkeypatch.setattr(endpoint, "start_http_server", without_ipv6)
    metrics = MetricsEndpoint("::", 0, EmptyCollector())
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics.port}/metrics") as answer:
            assert answer.status == 200
        with pytest.raises(OSError, match="no IPv6 here"):
            MetricsEndpoint("::1", 0, EmptyCollector())
    finally:
        metrics.close()


def test_a_port_that_is_taken_is_an_error() -> None:
    metrics = MetricsEndpoint("127.0.0.1", 0, EmptyCollector())
    try:
        with pytest.raises(OSError, match="in use"):
            MetricsEndpoint("127.0.0.1", metrics.port, EmptyCollector())
    finally:
        metrics.close()
