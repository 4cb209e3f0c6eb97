"""Everything that calls leave behind: counts, statistics, traffic, traces, and what became of shadow copies."""

from collections.abc import Iterable

from hotshelf_server.core.types import VersionId
from hotshelf_server.observability.calls import CallCounts
from hotshelf_server.observability.shadow import ShadowCounts
from hotshelf_server.observability.statistics import Statistics
from hotshelf_server.observability.tracing import Tracer
from hotshelf_server.observability.traffic import Traffic


class Records:
    """One of each."""

    def __init__(self) -> None:
        self.calls = CallCounts()
        self.statistics = Statistics()
        self.shadows = ShadowCounts()
        self.traffic = Traffic()
        self.tracer = Tracer()

    def keep(self, versions: Iterable[VersionId]) -> None:
        """Forget the versions that are no longer here, where nobody sums up over time."""
        here = frozenset(versions)
        self.statistics.keep(here)
        self.shadows.keep(here)
        self.traffic.keep(here)
