"""One chunk of customers, and what they buy."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_trainer.generate.law import (
    ACTIVITY_SIGMA,
    ARCHETYPES,
    BASKET_SIZE,
    COPY_LAG,
    EXPLORE_ALPHA,
    EXPLORE_BETA,
    LAST_SIGNUP,
    LATE_SIGNUPS,
    ONE_PIECE,
    SATURDAY_SHARE,
    SECONDS_PER_DAY,
    SIDE_SHARE,
    Doubles,
    Indices,
    Ints,
    Law,
)
from hotshelf_trainer.generate.shelf import Shelf, drawn, shelf_of


@dataclass(frozen=True, slots=True)
class People:
    """What drives the customers; ``first`` is the number of the first one."""

    first: int
    signup: Doubles
    """[people] day."""
    rate: Doubles
    """[people] baskets a day, from then on."""
    explore: Doubles
    """[people] probability that a line is no copy."""
    taste: Ints
    """[people, 2] the main and the side archetype."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """The customers' purchases, by customer and time."""

    people: People
    owner: Indices
    """[baskets] index into ``people``."""
    second: Ints
    """[baskets] since the start."""
    basket: Indices
    """[lines] index into the baskets."""
    product: Indices
    quantity: npt.NDArray[np.int8]


def chunk_of(law: Law, number: int) -> Chunk:
    """Make chunk ``number`` of the law: the same whenever and wherever it is made."""
    rng = np.random.default_rng([law.seed, 1, number])
    first = number * law.chunk_customers
    people = _people(law, rng, first, min(law.chunk_customers, law.customers - first))
    owner, second = _baskets(law, rng, people)
    sizes = rng.geometric(1 / BASKET_SIZE, len(owner))
    basket = np.repeat(np.arange(len(owner), dtype=np.int32), sizes)
    counts = np.bincount(owner, weights=sizes, minlength=len(people.signup)).astype(np.int64)
    product = _products(shelf_of(law), rng, people, counts, second[basket] / SECONDS_PER_DAY)
    quantity = np.minimum(rng.geometric(ONE_PIECE, len(basket)), 100).astype(np.int8)
    return Chunk(people, owner.astype(np.int32), second, basket, product, quantity)


def _people(law: Law, rng: np.random.Generator, first: int, count: int) -> People:
    # A growing base: more sign up late than early.
    late = rng.random(count) < LATE_SIGNUPS
    return People(
        first=first,
        signup=LAST_SIGNUP * law.days * np.sqrt(rng.random(count)) * late,
        rate=law.basket_rate * rng.lognormal(0.0, ACTIVITY_SIGMA, count),
        explore=rng.beta(EXPLORE_ALPHA, EXPLORE_BETA, count),
        taste=rng.integers(0, ARCHETYPES, (count, 2)),
    )


def _baskets(law: Law, rng: np.random.Generator, people: People) -> tuple[Ints, Ints]:
    """(customer, second) of each basket, by customer and time."""
    life = law.days - people.signup
    owner: Ints = np.repeat(np.arange(len(life)), rng.poisson(people.rate * life))
    day = people.signup[owner] + rng.random(len(owner)) * life[owner]
    saturday = np.floor(day / 7) * 7 + 5
    moves = (rng.random(len(owner)) < SATURDAY_SHARE) & (saturday >= people.signup[owner]) & (saturday < law.days)
    whole: Ints = np.where(moves, saturday, np.floor(day)).astype(np.int64)
    second: Ints = whole * SECONDS_PER_DAY + rng.integers(8 * 3600, 20 * 3600, len(owner))
    order = np.argsort(owner * (law.days * SECONDS_PER_DAY) + second, kind="stable")
    return owner[order], second[order]


def _products(shelf: Shelf, rng: np.random.Generator, people: People, counts: Ints, day: Doubles) -> Indices:
    """[lines] of all customers end to end; ``counts`` [people] says how many are each one's, ``day`` [lines] when."""
    lines = np.arange(len(day), dtype=np.int32)
    begin = np.repeat((np.cumsum(counts) - counts).astype(np.int32), counts)
    fresh = rng.random(len(day)) < np.repeat(people.explore, counts)
    fresh |= lines == begin
    product = np.zeros(len(day), dtype=np.int32)
    explored = np.flatnonzero(fresh)
    owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)[explored]
    side = (rng.random(len(explored)) < SIDE_SHARE).astype(np.int64)
    product[explored] = drawn(shelf, rng, people.taste[owner, side], day[explored])
    copies = np.flatnonzero(~fresh)
    lag = (rng.standard_exponential(len(copies)) * COPY_LAG).astype(np.int64)
    source = lines.copy()
    source[copies] = np.maximum(copies - 1 - lag, begin[copies])
    return product[_roots(source, copies)]


def _roots(source: Indices, copies: npt.NDArray[np.intp]) -> Indices:
    """Follow copies to the line that explored, by pointer doubling: log2 of the longest chain steps."""
    while len(copies):
        further = source[source[copies]]
        moved = further != source[copies]
        source[copies] = further
        copies = copies[moved]
    return source
