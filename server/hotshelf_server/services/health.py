"""``grpc.health.v1``: the server under "", and each model under its name. Watching costs no thread."""

from collections.abc import Mapping

from grpc_health.v1.health import HealthServicer
from grpc_health.v1.health_pb2 import HealthCheckResponse

SERVER = ""


class Health:
    """Keeps the standard servicer up to date, and tells watchers of changes alone."""

    def __init__(self) -> None:
        self.servicer = HealthServicer()
        self._told: dict[str, bool | None] = {}
        self.update(server=False, models={})

    def update(self, *, server: bool, models: Mapping[str, bool]) -> None:
        """Tell whether the server may be sent traffic, and for each known model whether its champion can answer."""
        now: dict[str, bool | None] = {SERVER: server, **models}
        gone: dict[str, bool | None] = dict.fromkeys(self._told.keys() - now.keys())
        for name, serving in {**now, **gone}.items():
            if name not in self._told or self._told[name] != serving:
                self.servicer.set(name, _status(serving=serving))
        self._told = {**gone, **now}

    def drain(self) -> None:
        """Tell every watcher, for good, that the server stops."""
        self.servicer.enter_graceful_shutdown()


def _status(*, serving: bool | None) -> HealthCheckResponse.ServingStatus:
    """The status of what serves, doesn't, or is gone."""
    if serving is None:
        return HealthCheckResponse.SERVICE_UNKNOWN
    return HealthCheckResponse.SERVING if serving else HealthCheckResponse.NOT_SERVING
