"""What the steps of the pipeline hand to each other. Frozen; arrays are never written to after they were made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.recommender.names import Names
from hotshelf_server.runtimes.recommender.state import Catalogue, Floats, Ints
from hotshelf_trainer.verdict import Verdict

SECONDS_PER_DAY = 86_400.0

Indices = npt.NDArray[np.int32]
Times = npt.NDArray[np.float64]
Doubles = npt.NDArray[np.float64]
Scope = Literal["all", "new"]
SCOPES: tuple[Scope, ...] = ("all", "new")
TOP = 10
NONE = -1
"""Stands in a list where there is no product."""


@dataclass(frozen=True, slots=True)
class Purchases:
    """Who bought what when: one row for each product of each basket, sorted by customer, product and time."""

    customers: Names
    catalogue: Catalogue
    customer: Indices
    product: Indices
    basket: Indices
    time: Times
    """Seconds since the epoch (UTC) of the basket's first line."""
    returned: Times
    """When the purchase was taken back in full; infinity where it was kept. Before that moment it counts as bought:
    nobody could know."""
    end: float
    """Exclusive end of the data: the midnight after the last purchase."""
    fingerprint: str
    """sha256 over ids and rows, whatever file they came from."""

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def begin(self) -> float:
        """Time of the first purchase."""
        return float(self.time.min())


@dataclass(frozen=True, slots=True)
class Window:
    """What is known before ``cut``, and what was bought from then until ``end`` (exclusive), to be foretold."""

    cut: float
    end: float


@dataclass(frozen=True, slots=True)
class Split:
    """One global cut for everybody. ``test`` is judged once; ``validation`` stops the rankers early."""

    train: tuple[Window, ...]
    validation: Window
    test: Window


@dataclass(frozen=True, slots=True)
class Truth:
    """What customers known before the cut bought in a window; CSR over ``customers``, indices of the facts'."""

    customers: Indices
    person: Indices
    """[customers] the same customers as indices into ``purchases.customers``, which mean the same in every window."""
    start: npt.NDArray[np.int64]
    product: Indices
    bought_before: npt.NDArray[np.bool_]
    """[pairs] whether the customer had bought the product before the cut."""
    cold_customers: int
    """Customers of the window who had bought nothing before it: counted, not judged."""

    def of(self, row: int) -> slice:
        """The pairs of ``customers[row]``."""
        return slice(int(self.start[row]), int(self.start[row + 1]))

    def sample(self, most: int | None, seed: int) -> "Truth":
        """The truth of ``most`` customers drawn at random, or of all where there are no more."""
        if most is None or len(self.customers) <= most:
            return self
        drawn = np.random.default_rng(seed).choice(self.person, most, replace=False)
        people = np.zeros(int(self.person.max()) + 1, dtype=bool)
        people[drawn] = True
        return self.among(people)

    def unlabelled(self, customers: Indices) -> "Truth":
        """Some of the customers, by their indices among the facts' customers, with nothing bought."""
        chosen = np.flatnonzero(np.isin(self.customers, customers))
        return Truth(
            self.customers[chosen],
            self.person[chosen],
            np.zeros(len(chosen) + 1, dtype=np.int64),
            self.product[:0],
            self.bought_before[:0],
            self.cold_customers,
        )

    def among(self, people: npt.NDArray[np.bool_]) -> "Truth":
        """The truth of some customers; ``people`` is a mask over ``purchases.customers``."""
        kept = np.flatnonzero(people[self.person])
        counts = np.diff(self.start)[kept]
        start = np.concatenate([[0], np.cumsum(counts)])
        pairs = np.arange(start[-1]) + np.repeat(self.start[kept] - start[:-1], counts)
        return Truth(
            self.customers[kept],
            self.person[kept],
            start,
            self.product[pairs],
            self.bought_before[pairs],
            self.cold_customers,
        )


@dataclass(frozen=True, slots=True)
class Rows:
    """Candidates of many customers end to end; ``start[q]:start[q + 1]`` are customer ``q``'s, own products first."""

    start: npt.NDArray[np.int64]
    repeats: npt.NDArray[np.int64]
    """[customers] how many of a customer's rows are products bought before."""
    product: Ints
    features: Floats
    label: npt.NDArray[np.int8]
    """[rows] 1 where the product was bought in the window."""

    @property
    def query(self) -> npt.NDArray[np.int64]:
        """[rows] which customer a row belongs to."""
        return np.repeat(np.arange(len(self.repeats)), np.diff(self.start))

    @property
    def is_new(self) -> npt.NDArray[np.bool_]:
        """[rows] whether the customer never bought the product before the cut."""
        within = np.arange(len(self.product)) - np.repeat(self.start[:-1], np.diff(self.start))
        return np.asarray(within >= self.repeats[self.query])

    def of(self, queries: npt.NDArray[np.intp]) -> "Rows":
        """The rows of some customers, in the order given."""
        counts = np.diff(self.start)[queries]
        start = np.concatenate([[0], np.cumsum(counts)])
        rows = np.arange(start[-1]) + np.repeat(self.start[queries] - start[:-1], counts)
        return Rows(start, self.repeats[queries], self.product[rows], self.features[rows], self.label[rows])


@dataclass(frozen=True, slots=True)
class Lists:
    """Somebody's answer for every customer of a window: [customers, 10] catalogue indices, best first, -1 for none."""

    all: Ints
    new: Ints
    """Only products that the customer never bought before the cut."""

    def of(self, scope: Scope) -> Ints:
        """The lists of one task."""
        return self.all if scope == "all" else self.new


@dataclass(frozen=True, slots=True)
class Answers:
    """The lists, and the scores that made them."""

    lists: Lists
    mixed_scores: Doubles
    """[rows] of the mixed head."""
    new_scores: Doubles
    """[rows] of the new-only head; 0 for own products, which it never ranks."""

    @property
    def finite(self) -> bool:
        """Whether every score is a finite number."""
        return bool(np.isfinite(self.mixed_scores).all() and np.isfinite(self.new_scores).all())


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
class Interval:
    """A mean over customers with its two-sided 95 % percentile interval and its one-sided 95 % lower bound."""

    mean: float
    low: float
    high: float
    bound: float
    """95 % of the resampled means are above it."""


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
class Trees:
    """How many trees each head has."""

    mixed: int
    new: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a training leaves behind beside the model, for the manifest and the report."""

    profile: DataProfile
    split: Split
    evaluation: Evaluation
    verdict: Verdict
    trees: Trees
    ranker_customers: int
    """Customers that the rankers learned from."""
    active_customers: int
    """Customers that they could have learned from."""
    seconds: float
