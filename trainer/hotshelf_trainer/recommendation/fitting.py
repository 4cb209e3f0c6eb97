"""What is fitted on what: the model that is judged, and the one that is published."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.recommender.ranker import Rankers
from hotshelf_server.runtimes.recommender.state import Facts, State
from hotshelf_trainer.errors import DataError
from hotshelf_trainer.progress import Progress, Share
from hotshelf_trainer.recipes.recommendation import RecommendationRecipe
from hotshelf_trainer.recommendation.artifacts import Purchases, Rows, Split, Trees, Truth, Window
from hotshelf_trainer.recommendation.facts import facts_at
from hotshelf_trainer.recommendation.fit.learned import learn
from hotshelf_trainer.recommendation.fit.ranker import find_trees, fit
from hotshelf_trainer.recommendation.fit.settings import settings_of
from hotshelf_trainer.recommendation.rows import rows_of
from hotshelf_trainer.recommendation.split import day
from hotshelf_trainer.recommendation.truth import truth_of


@dataclass(frozen=True, slots=True)
class Task:
    """What is fitted on what."""

    purchases: Purchases
    parts: Split
    recipe: RecommendationRecipe
    progress: Progress


@dataclass(frozen=True, slots=True)
class Learning:
    """The customers whose purchases teach the rankers."""

    people: npt.NDArray[np.bool_]
    """A mask over ``purchases.customers``."""
    active: int
    """Customers that could teach: those who bought in a label window."""

    @property
    def count(self) -> int:
        """Customers that do."""
        return int(np.count_nonzero(self.people))


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model that knows nothing of the test window."""

    state: State
    rankers: Rankers
    trees: Trees
    windows: tuple[Rows, ...]
    """What the rankers learned from: validation first, then the train windows, newest first."""
    learning: Learning


def fitted_of(task: Task) -> Fitted:
    """Fit a recipe on what happened before the test window: rankers on earlier windows, the state at the cut."""
    purchases, parts, recipe, progress = task.purchases, task.parts, task.recipe, task.progress
    learning = _learning(purchases, parts, recipe)
    windows: list[Rows] = []
    for window in (parts.validation, *parts.train):
        with progress.stage(f"Window from {day(window.cut)}") as share:
            state = state_at(purchases, window.cut, recipe)
            windows.append(rows_of(state, truth_at(purchases, window, state.facts, learning), share))
    validation, *train_windows = windows
    with progress.stage("Fitting the rankers, stopped by the validation window") as share:
        trees = find_trees(train_windows, validation, recipe, share)
    with progress.stage("Fitting the rankers up to the test window") as share:
        rankers = fit(windows, trees, recipe, share)
    with progress.stage("Learning the state at the test window's cut"):
        state = state_at(purchases, parts.test.cut, recipe)
    return Fitted(state, rankers, trees, tuple(windows), learning)


def refitted_of(task: Task, fitted: Fitted, test: Rows, share: Share) -> tuple[State, Rankers]:
    """The same, one window later: ``test`` teaches too, the oldest window no longer, the state is that at the end."""
    windows = (test, *fitted.windows[:-1])
    rankers = fit(windows, fitted.trees, task.recipe, share)
    return state_at(task.purchases, task.purchases.end, task.recipe), rankers


def state_at(purchases: Purchases, cut: float, recipe: RecommendationRecipe) -> State:
    """What is known and learned as of ``cut``."""
    settings = settings_of(recipe)
    facts = facts_at(purchases, cut, settings)
    learned = learn(facts, len(purchases.catalogue.products), settings, recipe)
    return State.of(settings, purchases.catalogue, facts, learned)


def truth_at(purchases: Purchases, window: Window, facts: Facts, learning: Learning | None = None) -> Truth:
    """What was bought in a window, by all customers known or by those who teach."""
    truth = truth_of(purchases, window, facts)
    if learning is not None:
        truth = truth.among(learning.people)
    if not len(truth.customers):
        raise DataError(
            f"no customer known before {day(window.cut)} bought anything from then to {day(window.end - 1)}; "
            "expected purchases in every window (windows.days, windows.train)"
        )
    return truth


def _learning(purchases: Purchases, parts: Split, recipe: RecommendationRecipe) -> Learning:
    """All customers who bought since the first label window began, or a sample of them."""
    since = min(window.cut for window in (parts.validation, *parts.train))
    active = np.unique(purchases.customer[purchases.time >= since])
    limit = recipe.ranker.customers
    chosen = active
    if limit is not None and limit < len(active):
        chosen = np.random.default_rng(recipe.seed).choice(active, limit, replace=False)
    people = np.zeros(len(purchases.customers), dtype=bool)
    people[chosen] = True
    return Learning(people, len(active))
