"""What a training is: asked for, queued, run, ended. Frozen values; the database holds them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from hotshelf_trainer.occasion import ALWAYS, Occasion

MAX_ATTEMPTS = 3
"""Times that a training is begun which asks to be restarted when it is lost: one that brings the trainer down must not
do so for ever."""

MAX_DETAIL = 4_000
MAX_LAST_WORDS = 8_000
MAX_LINE = 2_000
"""Characters that are kept of an explanation, of standard error, and of a line of the log."""


class State(StrEnum):
    """The life of a training."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    REFUSED = "REFUSED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    LOST = "LOST"
    NOT_NEEDED = "NOT_NEEDED"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self not in {State.QUEUED, State.RUNNING}


class Reason(StrEnum):
    """Why a training failed, for machines."""

    NONE = ""
    MISTAKE = "MISTAKE"
    """Recipe and data don't fit together, or the store refuses."""
    TIME_LIMIT = "TIME_LIMIT"
    MEMORY_LIMIT = "MEMORY_LIMIT"
    WORKER_DIED = "WORKER_DIED"
    FAULT = "FAULT"
    """The trainer's own fault: an error that nobody foresaw."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a training may use; 0: whatever the trainer allows."""

    seconds: float = 0.0
    memory_bytes: int = 0

    def within(self, most: "Limits") -> "Limits":
        """The smaller of both, where this one says anything."""
        return Limits(
            min(self.seconds or most.seconds, most.seconds),
            min(self.memory_bytes or most.memory_bytes, most.memory_bytes),
        )


@dataclass(frozen=True, slots=True)
class Spec:
    """What was asked for, as it came."""

    recipe: str
    """YAML."""
    overrides: tuple[str, ...] = ()
    """``key.key=value``, values in YAML."""
    model: str = ""
    """Empty: the recipe's name."""
    until: str = ""
    author: str = ""
    limits: Limits = Limits()
    restart_if_lost: bool = False
    occasion: Occasion = ALWAYS

    def to_json(self) -> str:
        """The same as text; equal specs give equal texts."""
        return json.dumps(asdict(self), sort_keys=True)

    def digest(self, *more: object) -> str:
        """sha256 of the spec, and of what else belongs to a request."""
        text = json.dumps([self.to_json(), *more])
        return hashlib.sha256(text.encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> "Spec":
        """The spec that `to_json` wrote."""
        return cls.from_plain(json.loads(text))

    @classmethod
    def from_plain(cls, content: Mapping[str, Any]) -> "Spec":
        """The spec of a mapping as `dataclasses.asdict` makes it."""
        parts = dict(content)
        parts["overrides"] = tuple(parts["overrides"])
        parts["limits"] = Limits(**parts["limits"])
        parts["occasion"] = Occasion(**parts.get("occasion", {}))
        return cls(**parts)


@dataclass(frozen=True, slots=True)
class Training:
    """One training, as the database holds it. Moments are seconds since the epoch (UTC); None: still to come."""

    number: int
    spec: Spec
    model: str
    limits: Limits
    """What holds: the spec's, within the trainer's own."""
    state: State
    attempt: int
    created_at: float
    reason: Reason = Reason.NONE
    detail: str = ""
    last_words: str = ""
    request_id: str = ""
    schedule: int = 0
    version: int = 0
    started_at: float | None = None
    ended_at: float | None = None
    cancel_requested: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """How a training ended."""

    state: State
    reason: Reason = Reason.NONE
    detail: str = ""
    last_words: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class StateChange:
    """A training came into a state."""

    state: State
    attempt: int
    reason: Reason = Reason.NONE
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StageProgress:
    """A training is in a stage: ``share`` of it (0 to 1) is done after ``seconds``."""

    title: str
    share: float
    over: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class LogLine:
    """A training says something."""

    text: str


Happening = StateChange | StageProgress | LogLine


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a moment; ``sequence`` counts a training's events from 1."""

    sequence: int
    at: float
    what: Happening
