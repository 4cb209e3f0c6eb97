"""From rows to a function of the groups' multiplicities."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hotshelf_trainer.diagnosis.sample import Doubles, Sample

Groups = npt.NDArray[np.intp]
Score = Callable[[Doubles], Doubles]
"""From [r, G] how often each group counts, to [r] scores."""


def of_sums(
    weights: Doubles, groups: Groups, columns: Sequence[npt.NDArray[Any]], finish: Callable[[Doubles], Doubles]
) -> Score:
    """``finish`` maps [columns, r] weighted sums over rows of ``columns`` (each [n]) to [r] scores."""
    count = int(groups.max()) + 1
    sums = np.stack([np.bincount(groups, weights * column, count) for column in columns])

    def score(times: Doubles) -> Doubles:
        with np.errstate(divide="ignore", invalid="ignore"):
            return finish(sums @ times.T)

    return score


def mean_of(sample: Sample, groups: Groups, losses: npt.NDArray[np.floating[Any]]) -> Score:
    """The weighted mean of [n] losses."""
    return of_sums(sample.row_weights, groups, (losses, np.ones(len(losses))), lambda sums: sums[0] / sums[1])


def of_ranks(
    sample: Sample,
    groups: Groups,
    positive: npt.NDArray[np.bool_],
    scores: Doubles,
    finish: Callable[[Doubles, Doubles], Doubles],
) -> Score:
    """``finish`` maps the weights of positive and negative rows at each distinct score, from the highest on, to scores.

    Both are [r, distinct]. The sort happens once.
    """
    order = np.argsort(-scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=np.inf))
    owner, weights, is_positive = groups[order], sample.row_weights[order], positive[order]

    def score(times: Doubles) -> Doubles:
        weighed = times[:, owner] * weights
        hits = np.add.reduceat(weighed * is_positive, starts, axis=1)
        rest = np.add.reduceat(weighed * ~is_positive, starts, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return finish(hits, rest)

    return score
