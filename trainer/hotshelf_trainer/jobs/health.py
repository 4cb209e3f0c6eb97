"""``grpc.health.v1`` of a trainer: whether it takes trainings."""

from collections.abc import Callable, Iterator

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from hotshelf.training.v1 import training_pb2
from hotshelf_trainer.jobs.pulse import Pulse
from hotshelf_trainer.jobs.service import Streams
from hotshelf_trainer.jobs.status import answering

LIVE = "hotshelf.Live"
"""Serves for as long as the process answers: what a liveness probe asks for."""

SERVICES = frozenset({"", LIVE, training_pb2.DESCRIPTOR.services_by_name["TrainingService"].full_name})
LOOK_SECONDS = 5.0
"""Between looks at whether a watcher has left."""


class Health:
    """A servicer."""

    def __init__(self, serving: Callable[[], bool], pulse: Pulse, streams: Streams) -> None:
        """``pulse`` beats when ``serving`` changes."""
        self._serving = serving
        self._pulse = pulse
        self._streams = streams

    def Check(self, request: HealthCheckRequest, context: grpc.ServicerContext) -> HealthCheckResponse:
        """The status now. NOT_FOUND for a service that nobody knows."""
        if request.service not in SERVICES:
            context.abort(grpc.StatusCode.NOT_FOUND, f"{request.service!r} is no service of this trainer")
        return HealthCheckResponse(status=self._status(request.service))

    def Watch(self, request: HealthCheckRequest, context: grpc.ServicerContext) -> Iterator[HealthCheckResponse]:
        """The status now, and again whenever it changes."""
        with answering(context), self._streams.one():
            context.add_callback(self._pulse.beat)
            told = None
            while context.is_active():
                beats = self._pulse.beats
                status = self._status(request.service)
                if status != told:
                    told = status
                    yield HealthCheckResponse(status=status)
                self._pulse.wait(beats, LOOK_SECONDS)

    def _status(self, service: str) -> HealthCheckResponse.ServingStatus:
        if service not in SERVICES:
            return HealthCheckResponse.SERVICE_UNKNOWN
        alive = service == LIVE or self._serving()
        return HealthCheckResponse.SERVING if alive else HealthCheckResponse.NOT_SERVING
