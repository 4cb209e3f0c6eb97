"""The HTTP endpoint that Prometheus scrapes."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, PROCESS_COLLECTOR, CollectorRegistry, start_http_server
from prometheus_client.registry import Collector

from hotshelf_trainer.jobs.errors import PortTaken

ALL_IPV6, ALL_IPV4 = "::", "0.0.0.0"  # noqa: S104 - what an operator asked for


@contextmanager
def metrics_endpoint(host: str, port: int, collector: Collector) -> Iterator[int]:
    """``/metrics`` for as long as the context lasts; gives its port. Port 0 takes a free one. Raises `PortTaken`."""
    registry = CollectorRegistry()
    for one in (collector, PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
        registry.register(one)
    address = host.strip("[]")
    if address == ALL_IPV6 and not socket.has_dualstack_ipv6():
        address = ALL_IPV4
    try:
        server, thread = start_http_server(port, address, registry)
    except OSError as error:
        raise PortTaken(f"can't serve /metrics on {host}:{port}: {error.strerror}; try another port") from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
