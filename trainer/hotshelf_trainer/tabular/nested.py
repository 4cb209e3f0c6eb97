"""Nested cross-validation (Cawley and Talbot 2010): how much too good the best score of a search is.

Each fold's rows are kept from a whole search of their own, which runs on folds made of the fold's train rows; by time,
on the folds that were before it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hotshelf_trainer.diagnosis.crossing import Fold
from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes import TabularRecipe
from hotshelf_trainer.recipes.tabular import Search
from hotshelf_trainer.tabular.judges import Judges
from hotshelf_trainer.tabular.learner import TableLearner
from hotshelf_trainer.tabular.search import Trial, search
from hotshelf_trainer.tabular.splits import Split, folds_of
from hotshelf_trainer.tabular.study import open_study

LEAST_INNER, LEAST_OUTER = 2, 2
"""Folds that a search needs to choose by, and searches that a mean and its error need."""


@dataclass(frozen=True, slots=True)
class Outer:
    """One search, and the fold that it did not see."""

    chosen: Mapping[str, Any]
    promised: float
    """Mean over the inner folds of what was chosen."""
    kept: float
    """Score on the outer fold's rows."""


@dataclass(frozen=True, slots=True)
class Nested:
    """All of them."""

    folds: Sequence[Outer]
    optimism: float
    """Mean of what was promised and not kept; above 0, searches promise too much."""
    error: float
    """Its standard error over the outer folds; they share rows, so it is a lower bound (Bengio and Grandvalet 2004)."""

    @property
    def promised(self) -> float:
        """Mean over the outer folds."""
        return float(np.mean([fold.promised for fold in self.folds]))

    @property
    def kept(self) -> float:
        """Mean over the outer folds: what a model may be expected to score whose hyperparameters are so searched."""
        return float(np.mean([fold.kept for fold in self.folds]))


def nested(
    judges: Judges,
    parts: Split,
    recipe: TabularRecipe,
    said: Search,
    *,
    tell: Callable[[float], None] = lambda _: None,
) -> Nested:
    """A search for each fold that has folds within. Raises ``DataError`` where these are fewer than two."""
    best: list[Trial] = []
    pairs = _pairs(judges.learner, parts, recipe)
    for _, inner in pairs:
        best.append(search(judges, inner, said, open_study(judges.metric, recipe.seed, None, "")).best)
        tell(len(best) / len(pairs))
    kept = judges.scores([(fold, one.parameters) for (fold, _), one in zip(pairs, best, strict=True)])
    found = [Outer(one.parameters, one.mean, score) for one, score in zip(best, kept, strict=True)]
    lost = np.array([judges.metric.better(fold.promised - fold.kept) for fold in found])
    return Nested(tuple(found), float(lost.mean()), float(lost.std(ddof=1) / np.sqrt(len(lost))))


def _pairs(learner: TableLearner, parts: Split, recipe: TabularRecipe) -> list[tuple[Fold, Sequence[Fold]]]:
    """Folds, each with those that a search may see which must not see it."""
    if parts.kind == "time":
        pairs = [(fold, parts.folds[:place]) for place, fold in enumerate(parts.folds) if place >= LEAST_INNER]
    else:
        pairs = [(fold, folds_of(learner.examples, fold.train, recipe, parts.kind)) for fold in parts.folds]
    if len(pairs) < LEAST_OUTER:
        raise DataError(
            f"diagnosis.nested: of {len(parts.folds)} folds by time {len(pairs)} have {LEAST_INNER} before them; "
            f"expected {LEAST_OUTER}: more split.folds ({LEAST_INNER + LEAST_OUTER}), or rows of more times"
        )
    return pairs
