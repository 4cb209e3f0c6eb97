"""What a regression leaves over: truth less prediction, in the target's unit."""

from dataclasses import dataclass

import numpy as np

from hotshelf_trainer.diagnosis.intervals import Estimate, drawn
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.diagnosis.sample import Sample
from hotshelf_trainer.diagnosis.scoring import mean_of
from hotshelf_trainer.diagnosis.valued import errors_of

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
MEAN_RESIDUAL = Metric(
    "residual",
    higher_is_better=False,
    prepare=lambda sample, groups: mean_of(sample, groups, -errors_of(sample)),
)


@dataclass(frozen=True, slots=True)
class Tenth:
    """The rows of one decile of the prediction."""

    low: float
    high: float
    rows: int
    mean: Estimate
    """Mean residual: away from 0 the model is off there."""
    spread: float
    """Standard deviation; a rising one says that errors grow with the prediction."""


@dataclass(frozen=True, slots=True)
class Residuals:
    """All in one place."""

    mean: Estimate
    quantiles: tuple[tuple[float, float], ...]
    """Probability and residual."""
    tenths: tuple[Tenth, ...]
    worst: tuple[int, ...]
    """Positions in the sample of the largest residuals by magnitude."""


def residuals(sample: Sample, worst: int = 10) -> Residuals:
    """Against deciles of the prediction; equal predictions share one."""
    left = -errors_of(sample)
    edges = np.unique(np.quantile(sample.predictions, np.linspace(0.1, 0.9, 9)))
    places = np.searchsorted(edges, sample.predictions, side="left")
    return Residuals(
        drawn(MEAN_RESIDUAL, [sample]).estimate(),
        tuple(zip(QUANTILES, map(float, np.quantile(left, QUANTILES)), strict=True)),
        tuple(_tenth(sample.among(places == place)) for place in np.unique(places)),
        tuple(map(int, np.argsort(-np.abs(left), kind="stable")[:worst])),
    )


def _tenth(sample: Sample) -> Tenth:
    said = sample.predictions
    mean = drawn(MEAN_RESIDUAL, [sample]).estimate()
    return Tenth(float(said.min()), float(said.max()), len(sample), mean, float(errors_of(sample).std()))
