"""Intervals of figures that aren't metrics of predictions, and how far they are from what chance gives."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from hotshelf_trainer.diagnosis.crossing import rows_of_groups
from hotshelf_trainer.diagnosis.decomposition import MEAN
from hotshelf_trainer.diagnosis.intervals import Draws, Estimate, drawn, summarised
from hotshelf_trainer.diagnosis.sample import Doubles, Sample
from hotshelf_trainer.table.rivals import Comparison

REDRAWN = 200
"""Resamples of a figure that has to be computed anew on each."""

CHANCE = "shuffled columns"

Groups = npt.NDArray[np.int64]


def of_rows(values: Sequence[Doubles], groups: Groups, resamples: int, seed: int) -> Draws:
    """Means of each of ``values``, [n] over the same rows, on resamples of the groups that all share."""
    samples = [Sample(np.zeros(len(groups)), each, groups) for each in values]
    return drawn(MEAN, samples, resamples, seed)


def of_set(figure: Callable[[npt.NDArray[np.int64]], float], groups: Groups, seed: int) -> Estimate:
    """A figure of rows, which it takes by their places with repeats; NaN where it isn't defined."""
    places, known = np.arange(len(groups)), np.unique(groups)
    rng = np.random.default_rng(seed)
    draws = [rows_of_groups(groups, places, rng.choice(known, len(known))) for _ in range(REDRAWN)]
    return summarised(figure(places), np.array([figure(rows) for rows in draws]), len(known))


def of_replicates(values: Sequence[float], groups: int) -> Estimate:
    """The mean of what refitted models gave, and between which values 95 % of them lie."""
    known = np.asarray(values, dtype=np.float64)
    return summarised(float(known.mean()), known, groups)


def against_chance(draws: Draws, chance: Sequence[float]) -> Comparison:
    """The candidate against the best score of tables that have nothing but chance in them.

    With 19 of them, one more would be the best of all one time in twenty.
    """
    best = max(chance)
    gain = summarised(float(draws.values[0]) - best, draws.resampled[:, 0] - best, draws.groups)
    return Comparison(CHANCE, float(draws.values[0]), best, gain)
