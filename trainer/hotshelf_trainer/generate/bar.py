"""How good recommendations could be at best: the oracle, judged as the trainer judges a recommender."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.recommender.names import Names
from hotshelf_server.runtimes.recommender.state import Facts, Ints, Settings
from hotshelf_trainer.bootstrap import intervals
from hotshelf_trainer.errors import DataError
from hotshelf_trainer.generate.law import SECONDS_PER_DAY, START, Doubles, Law
from hotshelf_trainer.generate.oracle import oracle
from hotshelf_trainer.progress import Share
from hotshelf_trainer.recommendation.artifacts import (
    NONE,
    SCOPES,
    TOP,
    Interval,
    Lists,
    Purchases,
    Scope,
    Truth,
    Window,
)
from hotshelf_trainer.recommendation.evaluate import evaluate
from hotshelf_trainer.recommendation.facts import facts_at
from hotshelf_trainer.recommendation.truth import truth_of

RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Bar:
    """The oracle's NDCG@10 on a window, with intervals over customers."""

    ndcg: Mapping[Scope, Interval]
    customers: int
    """Those judged."""
    known: int
    """Those who could be: known before the window, and buying in it."""


@dataclass(frozen=True, slots=True)
class Case:
    """A window, what was known before it, and what was bought in it."""

    window: Window
    facts: Facts
    truth: Truth


def bar_of(law: Law, purchases: Purchases, days: int, most: int, progress: Share = lambda _: None) -> Bar:
    """Judge the oracle on the last ``days`` days, with ``most`` customers or fewer, drawn by the law's seed.

    Raises ``DataError`` where ``purchases`` weren't made by the law, or nobody can be judged.
    """
    window = Window(purchases.end - days * SECONDS_PER_DAY, purchases.end)
    if window.cut <= purchases.begin:
        raise DataError(f"nobody who bought in the last {days} days had bought before; expected a longer history")
    facts = facts_at(purchases, window.cut, Settings())
    truth = truth_of(purchases, window, facts)
    known = len(truth.customers)
    if not known:
        raise DataError(f"all who bought in the last {days} days did so for the first time; expected more customers")
    if known > most:
        people = np.zeros(len(purchases.customers), dtype=bool)
        people[np.random.default_rng(law.seed).choice(truth.person, most, replace=False)] = True
        truth = truth.among(people)
    lists = oracle_lists(law, purchases, Case(window, facts, truth), progress)
    sold = int(np.count_nonzero(np.bincount(facts.product)))
    ndcg = {scope: evaluate(lists, truth, scope, sold).ndcg for scope in SCOPES}
    if np.isnan(ndcg["new"]).all():
        raise DataError(f"nobody bought anything new in the last {days} days; expected more customers or days")
    found = {scope: intervals(scores[:, None], RESAMPLES, law.seed)[0] for scope, scores in ndcg.items()}
    return Bar(found, len(truth.customers), known)


def oracle_lists(law: Law, purchases: Purchases, case: Case, progress: Share = lambda _: None) -> Lists:
    """The oracle's answers for the customers of the case's truth; products that nobody ever bought are left out."""
    window, facts, truth = case.window, case.facts, case.truth
    place = np.full(law.products, NONE, dtype=np.int32)
    place[_numbers(purchases.catalogue.products, "p", law.products)] = np.arange(len(purchases.catalogue.products))
    customers = _numbers(purchases.customers, "c", law.customers)[truth.person]
    row_of = {int(number): row for row, number in enumerate(customers)}
    lists = Lists(*(np.full((len(row_of), TOP), NONE, dtype=np.int32) for _ in SCOPES))
    at = (window.cut - float(START.astype(np.int64))) / SECONDS_PER_DAY
    seer = oracle(law, at, (window.end - window.cut) / SECONDS_PER_DAY)
    for done, (number, chances) in enumerate(seer.chances(customers)):
        row = row_of[number]
        chance = np.zeros(len(purchases.catalogue.products))
        chance[place[place >= 0]] = chances[place >= 0]
        _fill(lists.all, row, chance)
        customer = truth.customers[row]
        chance[facts.product[facts.start[customer] : facts.start[customer + 1]]] = 0.0
        _fill(lists.new, row, chance)
        if done % 100 == 99:
            progress((done + 1) / len(row_of))
    return lists


def _fill(lists: Ints, row: int, chance: Doubles) -> None:
    """Write the ten most probable, ties by product, none of those that can't be."""
    best = np.argsort(-chance, kind="stable")[:TOP]
    best = best[chance[best] > 0]
    lists[row, : len(best)] = best


def _numbers(names: Names, prefix: str, most: int) -> npt.NDArray[np.int64]:
    """The law's numbers of customers or products."""
    try:
        numbers = np.array([int(name.removeprefix(prefix)) for name in names], dtype=np.int64)
    except ValueError as error:
        raise DataError(f"the law did not make these purchases; expected names like {prefix}7: {error}") from error
    if not (numbers.min() >= 0 and numbers.max() < most):
        raise DataError(f"the law did not make these purchases; it has {prefix}0 to {prefix}{most - 1}")
    return numbers
