"""Is the model that is published, refitted on all data, still the model that was judged?"""

import numpy as np

from hotshelf_trainer.recommendation.artifacts import Answers, Doubles, Indices, Rows
from hotshelf_trainer.verdict import Check

LEAST_OVERLAP = 0.4
"""Two rankers of one recipe a window apart share about 0.8 of their top 10; unrelated ones a few hundredths."""
SPREAD = 4.0
"""The spread of scores may grow or shrink so many times."""


def refit_checks(judged: Answers, refitted: Answers, rows: Rows) -> tuple[Check, ...]:
    """Compare both models' answers to the candidates of the test window."""
    overlap = _overlap(judged.lists.all, refitted.lists.all)
    spread = _spread(refitted.mixed_scores, rows) / max(_spread(judged.mixed_scores, rows), 1e-9)
    return (
        Check(
            "refit: scores are finite",
            refitted.finite,
            "no NaN or infinity" if refitted.finite else "some scores of the refitted model are not numbers",
        ),
        Check(
            "refit: same answers",
            overlap >= LEAST_OVERLAP,
            f"{overlap:.0%} of the top 10 are those of the judged model; at least {LEAST_OVERLAP:.0%} expected",
        ),
        Check(
            "refit: same score distribution",
            1 / SPREAD <= spread <= SPREAD,
            f"scores spread {spread:.2f} times as wide as the judged model's; 1/{SPREAD:g} to {SPREAD:g} expected",
        ),
    )


def _overlap(one: Indices, other: Indices) -> float:
    """Mean share of the first lists' products that are in the second."""
    shared = (one[:, :, None] == other[:, None, :]).any(axis=2) & (one >= 0)
    return float((shared.sum(axis=1) / np.maximum((one >= 0).sum(axis=1), 1)).mean())


def _spread(scores: Doubles, rows: Rows) -> float:
    """Standard deviation of scores within a customer, over all customers: LambdaRank leaves the level free."""
    counts = np.maximum(np.diff(rows.start), 1)
    query = rows.query
    centred = scores - (np.bincount(query, scores, len(counts)) / counts)[query]
    return float(np.sqrt(np.mean(centred**2)))
