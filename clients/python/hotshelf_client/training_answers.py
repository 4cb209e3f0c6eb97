"""What a trainer tells of its trainings."""

from dataclasses import dataclass
from datetime import datetime

ENDED = frozenset({"succeeded", "refused", "failed", "cancelled", "lost", "not_needed"})
"""States in which nothing more happens to a training. It may be lost and wait again in the same moment."""


@dataclass(frozen=True, slots=True)
class Training:
    """One training. ``state`` is queued, running, or one of `ENDED`."""

    id: int
    model: str
    state: str
    reason: str
    """Why it failed, for machines: MISTAKE, TIME_LIMIT, MEMORY_LIMIT, WORKER_DIED or FAULT."""
    detail: str
    last_words: str
    """The end of its standard error, where it failed."""
    attempt: int
    version: int | None
    """The version that it published."""
    schedule: int | None
    created_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    cancel_requested: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """Trainings that begin at the times of a cron pattern (UTC)."""

    id: int
    model: str
    """Empty: the recipe's name."""
    cron: str
    catch_up_seconds: float
    if_older_seconds: float
    if_drift: float
    """Both 0: whatever the champion's age and the data's drift."""
    last_training: int | None
    created_at: datetime | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class StateChange:
    """A training came into a state."""

    state: str
    reason: str
    detail: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A training is in a stage, of which a share (0 to 1) is done."""

    title: str
    share: float
    over: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Line:
    """A training says something."""

    text: str


@dataclass(frozen=True, slots=True)
class TrainingEvent:
    """Something that happened. ``dropped``: events directly before it that the trainer no longer keeps."""

    sequence: int
    at: datetime | None
    what: StateChange | Stage | Line
    dropped: int
