"""What the server tells of a model: how it is served, and what was counted of it."""

from collections.abc import Callable, Mapping

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.engines import Choice
from hotshelf_server.core.model_settings import ModelSettings
from hotshelf_server.core.types import VersionId
from hotshelf_server.dataplane import Dataplane
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.states import State
from hotshelf_server.observability.statistics import Duration, ResponseStatistics, VersionStatistics
from hotshelf_server.services.model_config import config_of

Counted = Callable[[], Mapping[VersionId, VersionStatistics]]
"""Gives the statistics of all versions: of this process, or of all workers of a server summed up."""


class Introspection:
    """Answers ModelConfig and ModelStatistics."""

    def __init__(
        self,
        dataplane: Dataplane,
        manager: Manager,
        settings_of: Callable[[str], ModelSettings],
        counted: Counted,
        choice: Callable[[VersionId], Choice | None],
    ) -> None:
        """``choice``: the engines that compute a version, where there are several kinds."""
        self._dataplane = dataplane
        self._manager = manager
        self._settings_of = settings_of
        self._counted = counted
        self._choice = choice

    def config(self, request: pb.ModelConfigRequest) -> pb.ModelConfigResponse:
        """How a model is served. Raises `ModelNotFound`, `ModelNotReady`."""
        version, signature = self._dataplane.signature(request.name, request.version)
        config = config_of(request.name, signature, self._settings_of(request.name), self._choice(version))
        return pb.ModelConfigResponse(config=config)

    def statistics(self, request: pb.ModelStatisticsRequest) -> pb.ModelStatisticsResponse:
        """Of one version, of all versions of a model, or of all models. Raises as `config`."""
        wanted = self._wanted(request)
        counted = self._counted()
        memory = {status.id: status.memory_bytes for status in self._manager.statuses()}
        return pb.ModelStatisticsResponse(
            model_stats=[
                _statistics(version, counted.get(version, VersionStatistics()), memory.get(version, 0))
                for version in wanted
            ]
        )

    def _wanted(self, request: pb.ModelStatisticsRequest) -> list[VersionId]:
        if request.name and request.version:
            return [self._manager.find(request.name, request.version)]
        if request.name:
            self._manager.table(request.name)
        return [
            status.id
            for status in self._manager.statuses()
            if status.id.model == (request.name or status.id.model) and status.state is State.READY
        ]


def _statistics(version: VersionId, counts: VersionStatistics, memory_bytes: int) -> pb.ModelStatistics:
    return pb.ModelStatistics(
        name=version.model,
        version=str(version.version),
        last_inference=round(counts.last * 1e3),
        inference_count=counts.inferences,
        execution_count=counts.executions,
        inference_stats=pb.InferStatistics(
            success=_duration(counts.success),
            fail=_duration(counts.fail),
            queue=_duration(counts.queue),
            compute_input=_duration(counts.input),
            compute_infer=_duration(counts.compute),
            compute_output=_duration(counts.output),
        ),
        batch_stats=[
            pb.InferBatchStatistics(
                batch_size=rows,
                compute_input=_duration(batch.input),
                compute_infer=_duration(batch.compute),
                compute_output=_duration(batch.output),
            )
            for rows, batch in sorted(counts.batches.items())
        ],
        memory_usage=[pb.MemoryUsage(type="CPU", byte_size=memory_bytes)] if memory_bytes else [],
        response_stats={str(place): _response(one) for place, one in sorted(counts.responses.items())},
    )


def _duration(duration: Duration) -> pb.StatisticDuration:
    return pb.StatisticDuration(count=duration.count, ns=round(duration.seconds * 1e9))


def _response(counts: ResponseStatistics) -> pb.InferResponseStatistics:
    return pb.InferResponseStatistics(compute_infer=_duration(counts.compute), success=_duration(counts.success))
