"""A training from purchases to a published version, read straight down. The steps know nothing of each other."""

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from hotshelf_server.runtimes.recommender.ranker import Rankers
from hotshelf_server.runtimes.recommender.state import Facts, State
from hotshelf_store import Store
from hotshelf_trainer import recipes
from hotshelf_trainer.bootstrap import intervals
from hotshelf_trainer.errors import DataError, RecipeError
from hotshelf_trainer.outcome import REPORT_FILE
from hotshelf_trainer.progress import Progress, Share
from hotshelf_trainer.publishing import Published, publish
from hotshelf_trainer.recipes.recommendation import BASELINES, RecommendationRecipe
from hotshelf_trainer.recommendation import bundle as bundles
from hotshelf_trainer.recommendation.answers import answer, perfect
from hotshelf_trainer.recommendation.artifacts import (
    SCOPES,
    Answers,
    Comparison,
    Evaluation,
    Evidence,
    Figures,
    Interval,
    Lists,
    Purchases,
    Rows,
    Scope,
    Split,
    Trees,
    Truth,
    Window,
)
from hotshelf_trainer.recommendation.baselines import baselines
from hotshelf_trainer.recommendation.champion import Champion, champion_of, rebased
from hotshelf_trainer.recommendation.checks import check
from hotshelf_trainer.recommendation.data import purchases_from
from hotshelf_trainer.recommendation.evaluate import evaluate
from hotshelf_trainer.recommendation.facts import facts_at
from hotshelf_trainer.recommendation.fit.learned import learn
from hotshelf_trainer.recommendation.fit.ranker import find_trees, fit
from hotshelf_trainer.recommendation.fit.settings import settings_of
from hotshelf_trainer.recommendation.gate import judge
from hotshelf_trainer.recommendation.manifest import manifest_of
from hotshelf_trainer.recommendation.refit import refit_checks
from hotshelf_trainer.recommendation.report import report
from hotshelf_trainer.recommendation.rows import rows_of
from hotshelf_trainer.recommendation.split import day, split
from hotshelf_trainer.recommendation.truth import truth_of

LEARNING = ("decay", "ease", "als", "candidates", "ranker", "seed", "threads")
"""The parts of a recipe that decide what is learned from given purchases."""


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a training."""

    published: Published
    figures: Figures
    report: str
    """The page that is in the bundle too."""


def train(recipe: RecommendationRecipe, store: Store, model: str, progress: Progress, author: str = "") -> Outcome:
    """Train, judge, refit on all data and publish.

    Raises ``TrainingError`` where recipe and purchases don't fit together, and the store's errors.
    """
    # Matrices of single customers are small: BLAS threads would wait for each other longer than they compute.
    # EASE raises the limit for its one large matrix.
    with threadpool_limits(1, "blas"):
        return _train(recipe, store, model, progress, author)


def _train(recipe: RecommendationRecipe, store: Store, model: str, progress: Progress, author: str) -> Outcome:
    began = time.monotonic()
    champion = champion_of(store, model)

    with progress.stage("Reading purchases"):
        purchases = purchases_from(recipe.data)
    profile = check(purchases)
    parts = split(purchases, recipe.windows)
    progress.say(
        f"{profile.rows:,} purchases of {profile.customers:,} customers, {profile.products:,} products, "
        f"{day(purchases.begin)} to {day(purchases.end - 1)}; judged from {day(parts.test.cut)} on"
    )

    task = Task(purchases, parts, recipe, progress)
    fitted = _fitted(task)
    with progress.stage("Answering the test window") as share:
        truth = _truth(purchases, parts.test, fitted.state.facts)
        rows = rows_of(fitted.state, truth, share)
        answers = answer(fitted.rankers, rows, recipe.threads)
    rival, on_what_terms = _champion_answers(task, champion, answers, truth)

    with progress.stage("Evaluating"):
        lists = {"candidate": answers.lists} | ({"champion": rival.lists} if rival else {})
        lists |= baselines(fitted.state, truth) | {"ceiling": perfect(rows)}
        evaluation = _evaluated(lists, truth, fitted.state.facts, recipe)
    verdict = judge(_evidence(champion, on_what_terms, evaluation, answers), recipe.gate)

    with progress.stage("Refitting on all data") as share:
        state, rankers = _refitted(task, fitted, rows.of(np.flatnonzero(fitted.learning.people[truth.person])), share)
        verdict = verdict.also(*refit_checks(answers, answer(rankers, rows, recipe.threads), rows))

    with tempfile.TemporaryDirectory() as folder, progress.stage("Publishing"):
        bundle = bundles.write(Path(folder), state, rankers)
        figures = Figures(
            profile=profile,
            split=parts,
            evaluation=evaluation,
            verdict=verdict.also(bundle.check),
            trees=fitted.trees,
            ranker_customers=fitted.learning.count,
            active_customers=fitted.learning.active,
            seconds=time.monotonic() - began,
        )
        page = report(model, recipe, figures, rankers)
        (bundle.folder / REPORT_FILE).write_text(page, encoding="utf-8")
        manifest = manifest_of(recipe, purchases, figures, bundle.manifest)
        published = publish(store, model, bundle.folder, manifest, promote=recipe.promote, author=author)
    return Outcome(published, figures, page)


def _fitted(task: Task) -> Fitted:
    """Fit a recipe on what happened before the test window: rankers on earlier windows, the state at the cut."""
    purchases, parts, recipe, progress = task.purchases, task.parts, task.recipe, task.progress
    learning = _learning(purchases, parts, recipe)
    windows: list[Rows] = []
    for window in (parts.validation, *parts.train):
        with progress.stage(f"Window from {day(window.cut)}") as share:
            state = _state(purchases, window.cut, recipe)
            windows.append(rows_of(state, _truth(purchases, window, state.facts, learning), share))
    validation, *train_windows = windows
    with progress.stage("Fitting the rankers, stopped by the validation window") as share:
        trees = find_trees(train_windows, validation, recipe, share)
    with progress.stage("Fitting the rankers up to the test window") as share:
        rankers = fit(windows, trees, recipe, share)
    with progress.stage("Learning the state at the test window's cut"):
        state = _state(purchases, parts.test.cut, recipe)
    return Fitted(state, rankers, trees, tuple(windows), learning)


def _refitted(task: Task, fitted: Fitted, test: Rows, share: Share) -> tuple[State, Rankers]:
    """The same, one window later: the test window teaches, the oldest is left out, the state is that at the end."""
    windows = (test, *fitted.windows[:-1])
    rankers = fit(windows, fitted.trees, task.recipe, share)
    return _state(task.purchases, task.purchases.end, task.recipe), rankers


def _state(purchases: Purchases, cut: float, recipe: RecommendationRecipe) -> State:
    settings = settings_of(recipe)
    facts = facts_at(purchases, cut, settings)
    learned = learn(facts, len(purchases.catalogue.products), settings, recipe)
    return State.of(settings, purchases.catalogue, facts, learned)


def _truth(purchases: Purchases, window: Window, facts: Facts, learning: Learning | None = None) -> Truth:
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


def _champion_answers(
    task: Task, champion: Champion | None, answers: Answers, truth: Truth
) -> tuple[Answers | None, str]:
    """The champion's answers to the test window, knowing what the candidate knew, and how that was brought about."""
    if champion is None:
        return None, "the model had no champion"
    cut = task.parts.test.cut
    if champion.state is None or champion.rankers is None:
        why = f"this release can't read version {champion.version}"
    elif champion.state.facts.end > cut:
        why = (
            f"version {champion.version} has seen the test window (its data reach {day(champion.state.facts.end - 1)})"
        )
    else:
        note = f"version {champion.version} kept what it had learned and was given the same history up to {day(cut)}"
        facts = facts_at(task.purchases, cut, champion.state.settings)
        state = rebased(champion.state, task.purchases.catalogue, facts)
        return _answers_of(task, f"Champion version {champion.version}", state, champion.rankers, truth), note
    note = f"{why}, so its recipe was fitted again up to {day(cut)}"
    recipe = _champion_recipe(champion, task.recipe)
    if _same_learning(recipe, task.recipe):
        return answers, f"{note}, which gives the candidate itself: both recipes learn the same"
    task.progress.say(note)
    again = _fitted(replace(task, recipe=recipe))
    return _answers_of(task, f"Recipe of champion version {champion.version}", again.state, again.rankers, truth), note


def _answers_of(task: Task, who: str, state: State, rankers: Rankers, truth: Truth) -> Answers:
    with task.progress.stage(f"{who} on the test window") as share:
        return answer(rankers, rows_of(state, truth, share), task.recipe.threads)


def _champion_recipe(champion: Champion, recipe: RecommendationRecipe) -> RecommendationRecipe:
    """What the champion's recipe says of learning; of data and windows, what the candidate's says."""
    if not champion.recipe_text:
        raise RecipeError(
            f"champion version {champion.version} keeps no recipe in its lineage and can't be put on equal terms; "
            "train under another --name, or promote with --force --reason"
        )
    content = recipes.parse_as(
        RecommendationRecipe, recipes.content_of(champion.recipe_text), f"recipe of version {champion.version}"
    )
    return recipe.model_copy(update={part: getattr(content, part) for part in LEARNING})


def _same_learning(one: RecommendationRecipe, other: RecommendationRecipe) -> bool:
    return all(getattr(one, part) == getattr(other, part) for part in LEARNING)


def _evaluated(lists: Mapping[str, Lists], truth: Truth, facts: Facts, recipe: RecommendationRecipe) -> Evaluation:
    """Figures for every subject and scope, with intervals over customers; the first subject is the candidate."""
    sold = int(np.count_nonzero(np.bincount(facts.product)))
    scores = {(name, scope): evaluate(own, truth, scope, sold) for name, own in lists.items() for scope in SCOPES}
    ndcg: dict[tuple[str, Scope], Interval] = {}
    differences: dict[tuple[str, Scope], Interval] = {}
    for scope in SCOPES:
        own = np.column_stack([scores[name, scope].ndcg for name in lists])
        paired = np.hstack([own, own[:, :1] - own])
        found = intervals(paired, recipe.gate.resamples, recipe.seed)
        for place, name in enumerate(lists):
            ndcg[name, scope], differences[name, scope] = found[place], found[place + len(lists)]
    return Evaluation(
        scores=scores,
        ndcg=ndcg,
        differences=differences,
        customers=len(truth.customers),
        cold_customers=truth.cold_customers,
    )


def _evidence(champion: Champion | None, note: str, evaluation: Evaluation, answers: Answers) -> Evidence:
    def against(subject: str, scope: Scope) -> Comparison:
        return Comparison(
            candidate=evaluation.ndcg["candidate", scope].mean,
            other=evaluation.ndcg[subject, scope].mean,
            difference=evaluation.differences[subject, scope],
        )

    return Evidence(
        champion_version=champion.version if champion else 0,
        champion_note=note,
        champion=against("champion", "all") if champion else None,
        baselines={(name, scope): against(name, scope) for name in BASELINES for scope in SCOPES},
        finite=answers.finite,
        coverage=evaluation.scores["candidate", "all"].coverage,
    )
