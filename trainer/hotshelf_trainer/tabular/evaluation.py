"""How the candidate and its rivals do on rows that were set apart, and the candidate on those that it learned from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_trainer.diagnosis.crossing import Problem
from hotshelf_trainer.diagnosis.intervals import Estimate, drawn, drawn_by
from hotshelf_trainer.diagnosis.metrics import METRICS, Metric
from hotshelf_trainer.diagnosis.sample import Sample
from hotshelf_trainer.table.rivals import Comparison, compared
from hotshelf_trainer.table.rows import Indices
from hotshelf_trainer.tabular.examples import Examples

LEAST_ROWS = 30
"""Rows below which a segment says too little to guard it."""

Predictions = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows, and what a model says of them."""

    name: str
    rows: Indices
    predictions: Predictions


@dataclass(frozen=True, slots=True)
class Segment:
    """A comparison on the rows that have a value in a column."""

    column: str
    value: str
    rows: int
    comparison: Comparison


def problem_of(examples: Examples) -> Problem:
    """The examples' rows as the diagnosis wants them."""
    query = examples.groups if examples.task == "ranking" else None
    truth = examples.truth.astype(np.int64) if examples.classes else examples.truth
    return Problem(truth, examples.groups, query)


def sample_of(examples: Examples, part: Part) -> Sample:
    """The part as the metrics take it. Raises ``DataError`` for predictions that aren't finite."""
    return problem_of(examples).sample(part.rows, part.predictions)


def scores(
    examples: Examples, parts: Sequence[Part], resamples: int, seed: int
) -> Mapping[str, Mapping[str, Estimate]]:
    """Every metric of the task on each part: by the metric's name, by the part's."""
    metrics = METRICS[examples.task]
    draws = {part.name: drawn_by(metrics, [sample_of(examples, part)], resamples, seed) for part in parts}
    return {
        metric.name: {name: found[place].estimate() for name, found in draws.items()}
        for place, metric in enumerate(metrics)
    }


def comparisons(
    examples: Examples, metric: Metric, rivals: Sequence[Part], resamples: int, seed: int
) -> Mapping[str, Comparison]:
    """The first of ``rivals``, the candidate, against each of the others; all are predictions of the same rows."""
    draws = drawn(metric, [sample_of(examples, part) for part in rivals], resamples, seed)
    return {rival.name: compared(draws, metric, place, rival.name) for place, rival in enumerate(rivals) if place}


def segments(
    examples: Examples, metric: Metric, rivals: tuple[Part, Part], resamples: int, seed: int
) -> tuple[Segment, ...]:
    """The candidate against a rival in each segment that has rows enough."""
    found = []
    own, other = (sample_of(examples, part) for part in rivals)
    for column in examples.roles.segments:
        values = examples.segments[column].to_numpy()[rivals[0].rows]
        for value in sorted(set(values)):
            among = values == value
            if among.sum() < LEAST_ROWS:
                continue
            draws = drawn(metric, [own.among(among), other.among(among)], resamples, seed)
            found.append(Segment(column, value, int(among.sum()), compared(draws, metric, 1, rivals[1].name)))
    return tuple(found)
