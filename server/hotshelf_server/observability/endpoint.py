"""The HTTP endpoint that Prometheus scrapes."""

import errno
import threading
from collections.abc import Sequence
from wsgiref.simple_server import WSGIServer

from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, PROCESS_COLLECTOR, CollectorRegistry, start_http_server
from prometheus_client.registry import Collector

ALL_IPV6, ALL_IPV4 = "::", "0.0.0.0"  # noqa: S104 - what an operator asked for

OF_THIS_PROCESS: Sequence[Collector] = (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR)
"""Collectors of the families that prometheus_client makes of any process."""


class MetricsEndpoint:
    """Serves ``/metrics`` until it is closed."""

    def __init__(self, host: str, port: int, collector: Collector, more: Sequence[Collector] = OF_THIS_PROCESS) -> None:
        """Bind; port 0 takes a free one. Raises `OSError` when the port is taken.

        Where ``::`` means all addresses but there is no IPv6, those of IPv4 are taken.
        """
        registry = CollectorRegistry()
        for one in (collector, *more):
            registry.register(one)
        self._server: WSGIServer
        self._thread: threading.Thread
        try:
            self._server, self._thread = start_http_server(port, host, registry)
        except OSError as error:
            if host != ALL_IPV6 or error.errno == errno.EADDRINUSE:
                raise
            self._server, self._thread = start_http_server(port, ALL_IPV4, registry)

    @property
    def port(self) -> int:
        """The port that was bound."""
        return self._server.server_port

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
