"""The question and the answer of a recommender, free of wire and store.

The servable of the recommender runtime answers these; the RPCs translate them.
"""

from dataclasses import dataclass
from enum import Enum


class RepeatPolicy(Enum):
    """Whether products that the customer bought before may be answered."""

    MIXED = "mixed"
    NEW_ONLY = "new_only"
    BUY_AGAIN = "buy_again"


class Fallback(Enum):
    """Why an answer is less personal than asked for."""

    NONE = "none"
    UNKNOWN_CUSTOMER = "unknown_customer"


class Source(Enum):
    """The kind of evidence that speaks most for a product."""

    BOUGHT_BEFORE = "bought_before"
    BECAUSE_YOU_BOUGHT = "because_you_bought"
    POPULAR = "popular"


@dataclass(frozen=True, slots=True)
class Query:
    """What to recommend, to whom.

    ``customer`` may be unknown or empty; ``basket`` are the products in the open basket (never answered);
    ``exclude`` are further products never to answer; ``as_of`` is the moment, in seconds since the epoch (UTC),
    that ages are counted from, and no earlier than the bundle's end of data: by default that end, or now when its
    recipe says ``live``.
    """

    customer: str
    k: int = 10
    basket: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    repeat_policy: RepeatPolicy = RepeatPolicy.MIXED
    as_of: float | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a product was chosen: the text for people, and the facts it was made from."""

    source: Source
    text: str
    times_bought: int = 0
    days_since_bought: float = 0.0
    because_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One product, with the ranker's score (higher is better, comparable within one answer only)."""

    product: str
    score: float
    reason: Reason
    title: str = ""


@dataclass(frozen=True, slots=True)
class Recommendations:
    """At most ``k`` products, best first; ``catalogue`` is the number of products that the version knows."""

    items: tuple[Recommendation, ...]
    fallback: Fallback
    as_of: float
    catalogue: int = 0
