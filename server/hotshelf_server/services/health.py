"""``grpc.health.v1``: the server under "", each model under its name, and `LIVE`. Watching costs no thread.

The servicer of grpcio-health-checking sends under a lock that the thread which polls for events wants too, when a
watcher leaves: whoever leaves in the moment of a change stops the whole server for good. Here one thread of its own
sends, and holds no lock while it does.
"""

import logging
import threading
from collections.abc import Callable, Mapping

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from hotshelf_server.core.errors import Overloaded
from hotshelf_server.services.calls import Context
from hotshelf_server.services.status import refuse

log = logging.getLogger(__name__)

SERVER = ""

LIVE = "hotshelf.Live"
"""Serves for as long as the process answers, whatever becomes of its models: what a liveness probe asks for. A probe
that asked for the server would have it killed while it loads or drains."""

MAX_WATCHERS = 4096
"""Streams of Watch that are open at once: each client's connection may have one."""

RETRY_AFTER = 1.0

Send = Callable[[HealthCheckResponse | None], None]
"""Sends a message to a watcher, and waits until it is on its way."""


class _Watcher:
    def __init__(self, service: str, send: Send) -> None:
        self.service = service
        self.send = send
        self.told: HealthCheckResponse.ServingStatus | None = None


class Health:
    """A servicer. Answers checks, and tells watchers of changes alone."""

    def __init__(self) -> None:
        self._statuses: Mapping[str, bool] = {SERVER: False}
        self._draining = False
        self._lock = threading.Lock()
        self._watchers: set[_Watcher] = set()
        self._changed = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="health", daemon=True)

    def start(self) -> None:
        """Begin to tell watchers."""
        self._thread.start()

    def stop(self) -> None:
        """Tell watchers no more."""
        self._stopping = True
        self._changed.set()
        self._thread.join()

    def update(self, *, server: bool, models: Mapping[str, bool]) -> None:
        """Tell whether the server may be sent traffic, and for each known model whether callers get answers."""
        self._statuses = {SERVER: server, **models}
        self._changed.set()

    def drain(self) -> None:
        """Tell every watcher, for good, that the server stops."""
        self._draining = True
        self._changed.set()

    def Check(self, request: HealthCheckRequest, context: Context) -> HealthCheckResponse:
        """The status now. NOT_FOUND for a service that nobody knows."""
        status = self._status(request.service)
        if status == HealthCheckResponse.SERVICE_UNKNOWN:
            context.abort(grpc.StatusCode.NOT_FOUND, f"{request.service!r} is no model of this server")
        return HealthCheckResponse(status=status)

    def Watch(self, request: HealthCheckRequest, context: Context, send_response_callback: Send) -> None:
        """The status now, and again whenever it changes; SERVICE_UNKNOWN as long as nobody knows the service."""
        watcher = _Watcher(request.service, send_response_callback)
        with self._lock:
            full = len(self._watchers) >= MAX_WATCHERS
            if not full:
                self._watchers.add(watcher)
        if full:
            refuse(context, Overloaded("as many watch this server's health as may", RETRY_AFTER))
        if not context.add_callback(lambda: self._leave(watcher)):
            self._leave(watcher)
        self._changed.set()

    def _leave(self, watcher: _Watcher) -> None:
        """Called by gRPC on the thread that everything waits for: it must not wait for anything itself."""
        with self._lock:
            self._watchers.discard(watcher)

    def _status(self, service: str) -> HealthCheckResponse.ServingStatus:
        if service == LIVE:
            return HealthCheckResponse.SERVING
        serving = self._statuses.get(service)
        if serving is None:
            return HealthCheckResponse.SERVICE_UNKNOWN
        return HealthCheckResponse.SERVING if serving and not self._draining else HealthCheckResponse.NOT_SERVING

    def _run(self) -> None:
        while not self._stopping:
            self._changed.wait()
            self._changed.clear()
            with self._lock:
                watchers = list(self._watchers)
            for watcher in watchers:
                self._tell(watcher)

    def _tell(self, watcher: _Watcher) -> None:
        status = self._status(watcher.service)
        if status == watcher.told:
            return
        watcher.told = status
        try:
            watcher.send(HealthCheckResponse(status=status))
        except Exception:
            log.exception("a watcher of %r could not be told", watcher.service)
            self._leave(watcher)
