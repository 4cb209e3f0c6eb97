"""Trainings that ended, counted as they do: the database forgets, and a counter may not."""

import threading
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from hotshelf_trainer.jobs.metrics.catalogue import DURATION_BUCKETS
from hotshelf_trainer.jobs.training import State

MAX_MODELS = 1_000
"""Models that have series of their own."""

OTHERS = "(others)"
"""Stands for the models beyond them: a model's name may hold no brackets."""


@dataclass(slots=True)
class Durations:
    """Counts by bucket, one beyond the last bound, and the sum in seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(DURATION_BUCKETS) + 1))
    sum: float = 0.0


class EndedCounts:
    """By model. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, Counter[State]] = {}
        self._durations: dict[str, Durations] = {}

    def known(self, model: str) -> None:
        """Count a model from 0 on: Prometheus can't see the first step of a series that begins with it."""
        with self._lock:
            self._of(model)

    def add(self, model: str, state: State, seconds: float | None) -> None:
        """Count one training that ended, and how long it ran; None for one that was never begun."""
        with self._lock:
            name = self._of(model)
            self._states[name][state] += 1
            if seconds is not None:
                durations = self._durations[name]
                durations.counts[bisect_left(DURATION_BUCKETS, seconds)] += 1
                durations.sum += seconds

    def states(self) -> dict[tuple[str, State], int]:
        """By model and state, of every state that a training may end in."""
        with self._lock:
            return {
                (model, state): counts[state]
                for model, counts in self._states.items()
                for state in State
                if state.ended
            }

    def durations(self) -> dict[str, Durations]:
        """Copies, by model."""
        with self._lock:
            return {model: Durations(list(one.counts), one.sum) for model, one in self._durations.items()}

    def _of(self, model: str) -> str:
        name = model if model in self._states or len(self._states) < MAX_MODELS else OTHERS
        if name not in self._states:
            self._states[name], self._durations[name] = Counter(), Durations()
        return name
