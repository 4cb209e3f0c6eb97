"""Does the ranker overfit? Its capacity curve: fewer and more leaves and trees.

The mixed head learns from the train windows and is judged on the newest of them and on the validation window, by
NDCG@10 over the candidates: against the best order of the same candidates, since which these are is not its doing.
"""

from collections.abc import Callable, Sequence

import numpy as np

from hotshelf_trainer.diagnosis.capacity import CapacityCurve, judged
from hotshelf_trainer.diagnosis.intervals import drawn_means
from hotshelf_trainer.drawing.capacity import LEAVES, TREES
from hotshelf_trainer.recipes.recommendation import RecommendationRecipe
from hotshelf_trainer.recommendation.artifacts import TOP, Doubles, Rows
from hotshelf_trainer.recommendation.fit.ranker import grown

METRIC = "ndcg@10"


def capacity(
    windows: Sequence[Rows], trees: int, recipe: RecommendationRecipe, progress: Callable[[float], None]
) -> CapacityCurve | None:
    """``windows``: validation first, then those that teach, newest first; None where the recipe asks for none.

    The first point is what the recipe says and early stopping found: ``trees``.
    """
    said = recipe.capacity
    if said is None:
        return None
    held_out, *teaching = (_sampled(rows, said.customers, recipe.seed) for rows in windows)
    counts = sorted({*said.trees, trees})
    scores: dict[tuple[int, int], tuple[Doubles, Doubles]] = {}
    for place, leaves in enumerate(sizes := sorted({*said.leaves, recipe.ranker.leaves})):
        model = grown(teaching, leaves, counts[-1], recipe)
        for count in counts:
            train, other = (
                ndcg(np.asarray(model.predict(rows.features, num_iteration=count)), rows)
                for rows in (teaching[0], held_out)
            )
            scores[leaves, count] = (train, other)
        progress((place + 1) / len(sizes))
    order = sorted(scores, key=lambda point: point != (recipe.ranker.leaves, trees))
    return judged(
        [{LEAVES: leaves, TREES: count} for leaves, count in order],
        drawn_means(np.column_stack([scores[point][0] for point in order]), seed=recipe.seed),
        drawn_means(np.column_stack([scores[point][1] for point in order]), seed=recipe.seed),
        name=METRIC,
        higher_is_better=True,
    )


def ndcg(scores: Doubles, rows: Rows) -> Doubles:
    """[customers with a purchase among their candidates] of the order of ``scores`` [rows], ties by place."""
    query, count = rows.query, len(rows.repeats)
    order = np.lexsort((np.arange(len(query)), -scores, query))
    rank = np.arange(len(query)) - np.repeat(rows.start[:-1], np.diff(rows.start))
    discount = np.where(rank < TOP, 1 / np.log2(rank + 2.0), 0.0)
    gained = np.bincount(query, weights=rows.label[order] * discount, minlength=count)
    bought = np.bincount(query, weights=rows.label, minlength=count).astype(np.int64)
    ideal = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(TOP) + 2.0))])[np.minimum(bought, TOP)]
    return np.asarray(gained[bought > 0] / ideal[bought > 0])


def _sampled(rows: Rows, customers: int | None, seed: int) -> Rows:
    if customers is None or customers >= len(rows.repeats):
        return rows
    return rows.of(np.sort(np.random.default_rng(seed).choice(len(rows.repeats), customers, replace=False)))
