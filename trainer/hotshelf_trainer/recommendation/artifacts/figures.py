"""How good lists were, and all that is told of a training."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hotshelf_trainer.bootstrap import Interval
from hotshelf_trainer.diagnosis.capacity import CapacityCurve
from hotshelf_trainer.diagnosis.drift import Drift
from hotshelf_trainer.recommendation.artifacts.purchases import Split
from hotshelf_trainer.recommendation.artifacts.rows import Doubles, Scope, Trees
from hotshelf_trainer.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Scores:
    """Per customer, NaN for those with nothing to find in the window; coverage over all of them."""

    ndcg: Doubles
    recall: Doubles
    average_precision: Doubles
    hit: Doubles
    coverage: float

    def means(self) -> dict[str, float]:
        """The headline figures by name."""
        return {
            "ndcg@10": float(np.nanmean(self.ndcg)),
            "recall@10": float(np.nanmean(self.recall)),
            "map@10": float(np.nanmean(self.average_precision)),
            "hit@10": float(np.nanmean(self.hit)),
            "coverage": self.coverage,
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everybody's figures on the test window, by subject ("candidate", "champion" or a baseline's name) and scope."""

    scores: Mapping[tuple[str, Scope], Scores]
    ndcg: Mapping[tuple[str, Scope], Interval]
    differences: Mapping[tuple[str, Scope], Interval]
    """NDCG@10 of the candidate minus the subject's, paired by customer."""
    customers: int
    cold_customers: int

    @property
    def subjects(self) -> tuple[str, ...]:
        """In the order in which they were evaluated."""
        return tuple(dict.fromkeys(subject for subject, _ in self.scores))


@dataclass(frozen=True, slots=True)
class Comparison:
    """The candidate against somebody, over the same customers: NDCG@10 and the paired difference."""

    candidate: float
    other: float
    difference: Interval


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the gate looks at."""

    champion_version: int
    """0 where the model has no champion."""
    champion_note: str
    """How the champion was put on equal terms, in words."""
    champion: Comparison | None
    baselines: Mapping[tuple[str, Scope], Comparison]
    finite: bool
    """Whether every score of the candidate was a finite number."""
    coverage: float


@dataclass(frozen=True, slots=True)
class DataProfile:
    """The purchases in a few figures, for the report."""

    rows: int
    customers: int
    products: int
    baskets: int
    days: float
    returned_share: float
    repeat_share: float
    """Share of rows where the customer had bought the product before."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a training leaves behind beside the model, for the manifest and the report."""

    profile: DataProfile
    split: Split
    evaluation: Evaluation
    verdict: Verdict
    trees: Trees
    capacity: CapacityCurve | None
    """Of the mixed head; None where the recipe doesn't ask for it."""
    drift: tuple[Drift, ...]
    """Of customers' habits, since the champion learned; most moved first."""
    ranker_customers: int
    """Customers that the rankers learned from."""
    active_customers: int
    """Customers that they could have learned from."""
    seconds: float
