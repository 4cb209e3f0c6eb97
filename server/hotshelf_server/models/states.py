"""The life of a version on this replica."""

from dataclasses import dataclass
from enum import Enum

from hotshelf_server.core.types import VersionId


class State(Enum):
    """Where a version is. ``PENDING → LOADING → READY → UNLOADING``, and ``LOADING → FAILED → LOADING`` on a retry."""

    PENDING = "pending"
    LOADING = "loading"
    READY = "ready"
    UNLOADING = "unloading"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Status:
    """A version's state, why it is in it, since when (seconds since the epoch), and its attempts that failed."""

    id: VersionId
    state: State
    since: float
    reason: str = ""
    failures: int = 0
    load_seconds: float = 0.0
