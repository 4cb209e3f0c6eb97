"""The same metrics for parts of the rows: a good mean may hide those whom the model fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_trainer.diagnosis.intervals import RESAMPLES, Estimate, drawn_by
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.diagnosis.sample import Sample
from hotshelf_trainer.errors import DataError

SMALL = 30
"""Groups: below that percentile intervals are too narrow to rely on."""
LARGEST = 20
OTHERS = "(others)"


@dataclass(frozen=True, slots=True)
class Segment:
    """One part's figures."""

    name: str
    rows: int
    groups: int
    small: bool
    """Fewer than 30 groups: its figures are little more than chance."""
    scores: Mapping[str, Estimate]
    """By metric."""


def segments(
    metrics: Sequence[Metric],
    sample: Sample,
    names: npt.NDArray[np.str_],
    *,
    largest: int = LARGEST,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[Segment, ...]:
    """By the name of each row's segment [n], the largest first; those beyond the ``largest`` are judged together."""
    if len(names) != len(sample):
        raise DataError(f"segments of {len(names)} rows; expected {len(sample)}, as many as were predicted")
    known, counts = np.unique(names, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    parts = [(str(known[place]), names == known[place]) for place in order[:largest]]
    if len(order) > largest:
        parts.append((OTHERS, np.isin(names, known[order[largest:]])))
    return tuple(_segment(metrics, name, sample.among(rows), resamples, seed) for name, rows in parts)


def _segment(metrics: Sequence[Metric], name: str, sample: Sample, resamples: int, seed: int) -> Segment:
    draws = drawn_by(metrics, [sample], resamples, seed)
    groups = draws[0].groups if draws else len(np.unique(sample.groups))
    scores = {metric.name: each.estimate() for metric, each in zip(metrics, draws, strict=True)}
    return Segment(name, len(sample), groups, groups < SMALL, scores)
