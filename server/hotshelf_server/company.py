"""The parts of a server that know of its other workers, as one process alone needs them, and as one of several does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hotshelf_server.core.model_settings import ModelBook
from hotshelf_server.core.types import VersionId
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.repository import Repository
from hotshelf_server.models.sources import ControlledSource
from hotshelf_server.observability.logs import LogLevels
from hotshelf_server.observability.records import Records
from hotshelf_server.observability.statistics import VersionStatistics
from hotshelf_server.services.operating import Operating
from hotshelf_server.services.operating_everywhere import OperatingEverywhere
from hotshelf_server.services.registry import Counted
from hotshelf_server.workers.everyone import Alone, Everyone
from hotshelf_server.workers.seat import Seat
from hotshelf_server.workers.sums import Sums


@dataclass(frozen=True, slots=True)
class Company:
    """``statistics`` and ``traffic`` count for all workers; ``written`` is called after the store was written to."""

    everyone: Everyone
    repository: Repository
    operating: Operating
    statistics: Callable[[], Mapping[VersionId, VersionStatistics]]
    traffic: Counted
    written: Callable[[], None]


def alone(manager: Manager, source: ControlledSource, book: ModelBook, records: Records, levels: LogLevels) -> Company:
    """Of a server of one process."""
    everyone = Alone(manager)
    return Company(
        everyone,
        Repository(source, manager, book),
        Operating(records.tracer, levels, manager.table),
        records.statistics.snapshot,
        lambda model: (everyone.replica_id, records.traffic.snapshot(model)),
        lambda: None,
    )


def seated(
    manager: Manager, source: ControlledSource, book: ModelBook, records: Records, levels: LogLevels, *, seat: Seat
) -> Company:
    """Of one of several workers."""
    everyone = seat.join(manager)
    sums = Sums(records.statistics, records.traffic, seat.link.ask, seat.replica_id)
    repository = seat.repository(source, manager, book, everyone)
    operating = OperatingEverywhere(records.tracer, levels, manager.table, seat.link.ask)
    seat.link.does({**sums.deeds, **operating.deeds})
    return Company(everyone, repository, operating, sums.statistics, sums.traffic, seat.written)
