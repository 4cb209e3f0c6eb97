"""How one model is served: which versions, how many calls at once, who waits, and what is joined into batches."""

import threading
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hotshelf_server.core.engines import Engine

DEFAULTS = "*"
"""The name under which the settings of every model stand that has none of its own."""

MAX_WAITING = 100_000
MAX_ROWS = 1 << 20
MAX_LEVELS = 100
MAX_TOLERANCE = 0.01


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Latest(_Part):
    """The newest versions."""

    latest: int = Field(ge=1, le=1_000, description="how many of the newest versions")


class Specific(_Part):
    """Versions by number."""

    specific: tuple[int, ...] = Field(min_length=1, max_length=1_000, description="numbers of versions")


VersionPolicy = Literal["aliases", "all"] | Latest | Specific
"""Which versions are loaded: those that aliases name, all, the newest, or some by number."""


class QueueSettings(_Part):
    """Who may wait for a model, and for how long."""

    max_waiting: int = Field(
        default=256, ge=0, le=MAX_WAITING, description="calls that wait for a version, beyond which are refused"
    )
    priority_levels: int = Field(default=10, ge=1, le=MAX_LEVELS, description="priorities from 1, the first served")
    default_priority: int = Field(default=5, ge=1, le=MAX_LEVELS, description="of calls that name none")
    timeout_seconds: float | None = Field(default=None, gt=0, description="longest wait; none: the call's own deadline")

    @model_validator(mode="after")
    def _levels(self) -> Self:
        if self.default_priority > self.priority_levels:
            raise ValueError(
                f"default_priority {self.default_priority}, expected 1 to {self.priority_levels}, the priority_levels"
            )
        return self


class BatchingSettings(_Part):
    """How calls are joined into batches."""

    max_rows: int = Field(ge=2, le=MAX_ROWS, description="rows up to which calls are joined")
    max_delay_seconds: float = Field(default=0.0, ge=0, le=10, description="longest wait for a fuller batch")
    preferred_rows: tuple[int, ...] = Field(
        default=(), max_length=64, description="sizes at which a batch goes at once"
    )

    @model_validator(mode="after")
    def _preferred(self) -> Self:
        for rows in self.preferred_rows:
            if not 1 <= rows <= self.max_rows:
                raise ValueError(f"preferred_rows {rows}, expected 1 to {self.max_rows}, the max_rows")
        return self


class ModelSettings(_Part):
    """Everything that can be set for one model, and changed while it serves."""

    versions: VersionPolicy = Field(default="aliases", description="aliases, all, {latest: N} or {specific: [N, …]}")
    concurrency: int | None = Field(
        default=None,
        ge=1,
        le=1024,
        description="calls of a version computed at once; none: the server's threads, 1 when batching",
    )
    queue: QueueSettings = Field(default_factory=QueueSettings, description="who waits")
    batching: BatchingSettings | None = Field(default=None, description="what is joined; none: every call alone")
    engine: Engine = Field(
        default="auto",
        description="what computes trees and scikit-learn, from the next load on: auto (the fastest), own or library",
    )
    engine_tolerance: float | None = Field(
        default=None,
        ge=0,
        le=MAX_TOLERANCE,
        description="for LightGBM, where engine is auto: has onnxruntime take part, and engines differ from the "
        "library's answers by so much, relative where these exceed 1; 0: by no bit; none: neither",
    )


class ModelBook:
    """The settings of each model: what an operator changed last, or the file says, or the defaults. Thread-safe."""

    def __init__(self, stated: Mapping[str, ModelSettings]) -> None:
        """``stated``: by model, and under `DEFAULTS` for all others."""
        self._lock = threading.Lock()
        self._changed: dict[str, ModelSettings] = {}
        self.state(stated)

    def of(self, model: str) -> ModelSettings:
        """The settings that hold for a model."""
        return self._changed.get(model) or self._stated.get(model, self._default)

    def stated(self, model: str) -> ModelSettings:
        """The settings of the file."""
        return self._stated.get(model, self._default)

    def state(self, stated: Mapping[str, ModelSettings]) -> None:
        """Take what the file says now; it also ends what an operator changed meanwhile."""
        with self._lock:
            self._default = stated.get(DEFAULTS, ModelSettings())
            self._stated = dict(stated)
            self._changed = {}

    def change(self, model: str, settings: ModelSettings | None) -> None:
        """Let other settings hold for a model until the file is read again; None: those of the file."""
        with self._lock:
            changed = {name: one for name, one in self._changed.items() if name != model}
            self._changed = changed if settings is None else {**changed, model: settings}
