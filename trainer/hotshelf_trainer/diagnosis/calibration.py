"""Are probabilities what they say? Bins of reliability and the expected calibration error (Guo et al., ICML 2017)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_trainer.diagnosis.classified import classes_of, probabilities
from hotshelf_trainer.diagnosis.intervals import RESAMPLES, Estimate, drawn_by
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.diagnosis.sample import Doubles, Sample
from hotshelf_trainer.diagnosis.scoring import Groups, Score, of_sums


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows of about one predicted probability."""

    low: float
    high: float
    rows: int
    predicted: float
    """Mean probability."""
    observed: float
    """Share of the rows where it came true."""
    excess: Estimate
    """Predicted less observed."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of the probability of class 1, or with more classes of the confidence in the most probable one."""

    bins: tuple[Bin, ...]
    error: Estimate
    """Expected calibration error. Chance alone makes it more than 0, and resampling adds chance: the interval is no
    test of whether it is 0, ``excess`` and the bins' are."""
    excess: Estimate
    """Mean predicted less observed, over all rows: above 0 the probabilities are too high."""


def calibration(sample: Sample, bins: int = 10, resamples: int = RESAMPLES, seed: int = 0) -> Calibration:
    """Bins hold about equally many rows; equal predictions share one. Raises ``DataError`` for no probabilities."""
    said, came_true = _events(sample)
    edges = np.unique(np.quantile(said, np.linspace(0, 1, bins + 1)[1:-1], method="inverted_cdf"))
    places = np.searchsorted(edges, said, side="left")
    used = np.unique(places)
    excess = [
        Metric("excess", higher_is_better=False, prepare=_excess(said - came_true, places == one)) for one in used
    ]
    everywhere = Metric("excess", higher_is_better=False, prepare=_excess(said - came_true, np.ones(len(said), bool)))
    error = Metric("ece", higher_is_better=False, prepare=_error(said - came_true, places))
    draws = drawn_by([error, everywhere, *excess], [sample], resamples, seed)
    found = tuple(
        _bin(said[places == one], came_true[places == one], sample.row_weights[places == one], each.estimate())
        for one, each in zip(used, draws[2:], strict=True)
    )
    return Calibration(found, draws[0].estimate(), draws[1].estimate())


def _metric(prepare: Callable[[Sample, Groups], Score]) -> Metric:
    return Metric("calibration", higher_is_better=False, prepare=prepare)


def _excess(differences: Doubles, kept: npt.NDArray[np.bool_]) -> Callable[[Sample, Groups], Score]:
    """Mean of the differences over some rows."""

    def prepare(sample: Sample, groups: Groups) -> Score:
        columns = (differences * kept, kept)
        return of_sums(sample.row_weights, groups, columns, lambda sums: sums[0] / sums[1])

    return prepare


def _error(differences: Doubles, places: npt.NDArray[np.intp]) -> Callable[[Sample, Groups], Score]:
    """Mean over bins, by their weight, of how far predicted is from observed."""

    def prepare(sample: Sample, groups: Groups) -> Score:
        columns = [differences * (places == one) for one in np.unique(places)]
        ones = np.ones(len(differences))
        return of_sums(
            sample.row_weights, groups, [*columns, ones], lambda sums: np.abs(sums[:-1]).sum(axis=0) / sums[-1]
        )

    return prepare


def _events(sample: Sample) -> tuple[Doubles, Doubles]:
    """What was foretold with which probability, and whether it came true."""
    table, truth = probabilities(sample), classes_of(sample)
    if table.shape[1] == 2:
        return table[:, 1], (truth == 1).astype(np.float64)
    return table.max(axis=1), (table.argmax(axis=1) == truth).astype(np.float64)


def _bin(said: Doubles, came_true: Doubles, weights: Doubles, excess: Estimate) -> Bin:
    predicted, observed = np.average(said, weights=weights), np.average(came_true, weights=weights)
    return Bin(float(said.min()), float(said.max()), len(said), float(predicted), float(observed), excess)
