"""Every metric on train, held-out and test rows, with intervals, and the gap that is told but never judged by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hotshelf_trainer.diagnosis.intervals import RESAMPLES, Estimate, between, drawn_by
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.diagnosis.sample import Sample


@dataclass(frozen=True, slots=True)
class Line:
    """One metric on every part."""

    metric: str
    higher_is_better: bool
    parts: Mapping[str, Estimate]
    """By part: "train", "held_out", "test"."""
    gap: Estimate | None
    """Train less held-out, turned so that above 0 train is better; where both are there."""


def evaluated(
    metrics: Sequence[Metric], parts: Mapping[str, Sample], resamples: int = RESAMPLES, seed: int = 0
) -> tuple[Line, ...]:
    """Judge every part by every metric. The gap is paired where train and held-out rows are of the same groups."""
    draws = {name: drawn_by(metrics, [sample], resamples, _seed(parts, name, seed)) for name, sample in parts.items()}
    has_gap = {"train", "held_out"} <= set(parts)
    return tuple(
        Line(
            metric.name,
            metric.higher_is_better,
            {name: draws[name][place].estimate() for name in parts},
            between(draws["train"][place], draws["held_out"][place], 0, metric.better(1.0)) if has_gap else None,
        )
        for place, metric in enumerate(metrics)
    )


def _seed(parts: Mapping[str, Sample], name: str, seed: int) -> int:
    """Equal seeds draw equal groups equally: that is wanted for the same groups alone."""
    if name != "train" or "held_out" not in parts:
        return seed
    same = np.array_equal(np.unique(parts["train"].groups), np.unique(parts["held_out"].groups))
    return seed if same else seed + 1
