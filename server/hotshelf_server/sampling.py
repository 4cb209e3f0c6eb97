"""Looks at every part of the server for the metrics, when they are scraped."""

from collections.abc import Callable
from dataclasses import dataclass

from hotshelf_server.core.engines import Choice
from hotshelf_server.core.interfaces import Clock
from hotshelf_server.core.types import VersionId
from hotshelf_server.execution.admission import Admission
from hotshelf_server.execution.executor import Executor
from hotshelf_server.execution.pool import CallPool
from hotshelf_server.models.convergence import convergence_age
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.states import Status
from hotshelf_server.observability.sample import AliasSample, Sample, VersionSample
from hotshelf_server.readiness import Readiness


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """The parts that are looked at. ``limit``: calls that may be in flight; ``choice``: the engines of a version."""

    manager: Manager
    readiness: Readiness
    admission: Admission
    executor: Executor
    streams: CallPool
    clock: Clock
    limit: int
    choice: Callable[[VersionId], Choice | None]

    def __call__(self) -> Sample:
        """The server now."""
        return Sample(
            ready=self.readiness(),
            running=self.admission.running,
            limit=self.limit,
            streams=self.streams.calls,
            waiting=self.executor.waiting(),
            store_errors=self.manager.store_errors,
            store_read=self.manager.heard_at,
            parked=self.manager.parked,
            canaries=self.manager.canaries(),
            versions=[_version(status, self.choice(status.id)) for status in self.manager.statuses()],
            aliases=self._aliases(),
        )

    def _aliases(self) -> dict[str, AliasSample]:
        now = self.clock.now()
        tables = self.manager.tables()
        found = {}
        for model, wanted in self.manager.wanted().items():
            routes = tables[model].routes if model in tables else {}
            age = convergence_age(wanted, routes, now)
            found[model] = AliasSample(wanted.routes, routes, wanted.revision, age)
        return found


def _version(status: Status, choice: Choice | None) -> VersionSample:
    return VersionSample(
        status.id,
        status.state.value,
        status.load_seconds,
        status.memory_bytes,
        status.failures,
        status.golden_failures,
        *status.origin,
        choice=choice,
    )
