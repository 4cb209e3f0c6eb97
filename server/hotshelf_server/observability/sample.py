"""What the metrics tell of the server at one moment, beside what calls leave behind."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hotshelf_server.core.engines import Choice
from hotshelf_server.core.types import VersionId
from hotshelf_store.profile import Profile


@dataclass(frozen=True, slots=True)
class VersionSample:
    """What is told of one version: its state, what its last load took (seconds, bytes; 0: not known), the loads that
    failed, those of them whose golden answers differed in all, when it was made and its data end (seconds since the
    epoch; 0: not known), how its inputs were distributed then, and which engines compute it, where there are several
    kinds."""

    id: VersionId
    state: str
    load_seconds: float
    memory_bytes: int
    failures: int
    golden_failures: int
    created: float = 0.0
    data_end: float = 0.0
    profile: Profile | None = None
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class AliasSample:
    """What is told of a model's aliases: what the newest revision asks for, what holds here, and how long ago the
    revision was written if that differs (seconds). ``revision`` is 0 for a model without a store."""

    asked: Mapping[str, Mapping[int, int]]
    routes: Mapping[str, Mapping[int, int]]
    revision: int
    convergence_age: float


@dataclass(frozen=True, slots=True)
class Sample:
    """The server at one moment. ``waiting`` are calls by version, ``aliases`` by model; ``store_read`` is in seconds
    since the epoch, 0 for never. ``canaries`` are those that ended, by model and outcome."""

    ready: bool
    running: int
    limit: int
    streams: int
    waiting: Mapping[VersionId, int]
    store_errors: int
    store_read: float
    parked: int
    canaries: Mapping[tuple[str, str], int]
    versions: Sequence[VersionSample]
    aliases: Mapping[str, AliasSample]

    def waiting_by_model(self) -> Mapping[str, int]:
        """Calls that wait, for every model that is served or was called lately."""
        found = dict.fromkeys(self.aliases, 0)
        for version, count in self.waiting.items():
            found[version.model] = found.get(version.model, 0) + count
        return found


Sampler = Callable[[], Sample]
