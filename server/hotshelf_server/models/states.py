"""The life of a version on this replica."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from hotshelf_server.core.types import VersionId
from hotshelf_store.profile import Profile


class State(Enum):
    """Where a version is.

    ``PENDING → LOADING → READY → UNLOADING``; ``LOADING → FAILED → LOADING`` on a retry; and where memory is bounded
    ``NOT_LOADED → LOADING`` when it is called, ``READY → UNLOADING → NOT_LOADED`` when it gives way.
    """

    PENDING = "pending"
    LOADING = "loading"
    READY = "ready"
    UNLOADING = "unloading"
    FAILED = "failed"
    NOT_LOADED = "not_loaded"


class Origin(NamedTuple):
    """When a version was made, and the time of the latest data it learned from, in seconds since the epoch (0 where
    that isn't known); and how its inputs were distributed there."""

    created: float = 0.0
    data_end: float = 0.0
    profile: Profile | None = None


UNKNOWN = Origin()


@dataclass(frozen=True, slots=True)
class Status:
    """A version's state, why it is in it, since when (seconds since the epoch), its attempts that failed,
    how long its last load took, and the memory that it took (0: not known). ``golden_failures`` are the attempts, of
    all so far, whose golden answers differed."""

    id: VersionId
    state: State
    since: float
    reason: str = ""
    failures: int = 0
    load_seconds: float = 0.0
    memory_bytes: int = 0
    golden_failures: int = 0
    origin: Origin = UNKNOWN
