"""Traces single requests: a line in the log with what each of its stages took."""

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hotshelf_server.core.types import Times, VersionId

log = logging.getLogger("hotshelf_server.trace")

MAX_MODELS = 10_000
"""Models with settings of their own."""


@dataclass(frozen=True, slots=True)
class TraceSettings:
    """Which requests are traced: one of every ``rate``, until ``count`` were; a count of None never ends."""

    enabled: bool = False
    rate: int = 1_000
    count: int | None = None


class Tracer:
    """Decides, and writes. Thread-safe; costs one look while nothing is traced."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._any = False
        self._default = TraceSettings()
        self._models: dict[str, TraceSettings] = {}
        self._passed: dict[str, int] = {}

    @property
    def on(self) -> bool:
        """Whether the requests of any model are traced."""
        return self._any

    def settings(self, model: str = "") -> TraceSettings:
        """Those of a model, or of all that have none of their own."""
        with self._lock:
            return self._models.get(model, self._default)

    def change(self, model: str, settings: TraceSettings) -> None:
        """Let these hold, for a model or (empty) for all that have none of their own.

        A model whose settings are those of all has none of its own any more.
        """
        with self._lock:
            if not model:
                self._default = settings
            elif settings == self._default:
                self._models.pop(model, None)
            elif model in self._models or len(self._models) < MAX_MODELS:
                self._models[model] = settings
            self._passed.pop(model, None)
            self._any = any(one.enabled for one in (self._default, *self._models.values()))

    def trace(self, method: str, version: VersionId, identifier: str, times: Times) -> None:
        """Write a request down, if it is one of those to be traced."""
        if self._any and self._is_due(version.model):
            log.info(
                "%s",
                json.dumps(
                    {
                        "method": method,
                        "model": version.model,
                        "version": version.version,
                        "id": identifier,
                        **{f"{stage}_us": round(spent * 1e6, 1) for stage, spent in _stages(times)},
                    }
                ),
            )

    def _is_due(self, model: str) -> bool:
        with self._lock:
            settings = self._models.get(model, self._default)
            if not settings.enabled or settings.count == 0:
                return False
            whose = model if model in self._models else ""
            passed = self._passed.get(whose, 0) + 1
            self._passed[whose] = passed % settings.rate
            if passed < settings.rate:
                return False
            if settings.count is not None:
                left = replace(settings, count=settings.count - 1)
                if whose:
                    self._models[whose] = left
                else:
                    self._default = left
            return True


def _stages(times: Times) -> Iterator[tuple[str, float]]:
    for stage in ("decode", "queue", "join", "compute", "part", "encode", "total"):
        yield stage, getattr(times, stage)
