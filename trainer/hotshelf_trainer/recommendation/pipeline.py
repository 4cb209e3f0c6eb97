"""A training from purchases to a published version, read straight down. The steps know nothing of each other."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from hotshelf_store import Store
from hotshelf_trainer.outcome import JSON_FILE, REPORT_FILE
from hotshelf_trainer.progress import Progress
from hotshelf_trainer.publishing import Published, publish
from hotshelf_trainer.recipes.recommendation import RecommendationRecipe
from hotshelf_trainer.recommendation import bundle as bundles
from hotshelf_trainer.recommendation.answers import answer, perfect
from hotshelf_trainer.recommendation.artifacts import Figures, Rows, Truth
from hotshelf_trainer.recommendation.baselines import baselines
from hotshelf_trainer.recommendation.capacity import capacity
from hotshelf_trainer.recommendation.champion import champion_of
from hotshelf_trainer.recommendation.checks import check
from hotshelf_trainer.recommendation.data import purchases_from
from hotshelf_trainer.recommendation.figures import evaluated, evidence_of
from hotshelf_trainer.recommendation.fitting import Fitted, Task, fitted_of, refitted_of, truth_at
from hotshelf_trainer.recommendation.foresight import leak_check
from hotshelf_trainer.recommendation.gate import judge
from hotshelf_trainer.recommendation.habits import drift_since, keep
from hotshelf_trainer.recommendation.manifest import manifest_of
from hotshelf_trainer.recommendation.refit import refit_checks
from hotshelf_trainer.recommendation.report import report, report_json
from hotshelf_trainer.recommendation.rival import champion_answers
from hotshelf_trainer.recommendation.rows import rows_of
from hotshelf_trainer.recommendation.split import day, split


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
    with progress.stage("Reading purchases"):
        purchases = purchases_from(recipe.data)
    profile = check(purchases)
    parts = split(purchases, recipe.windows)
    progress.say(
        f"{profile.rows:,} purchases of {profile.customers:,} customers, {profile.products:,} products, "
        f"{day(purchases.begin)} to {day(purchases.end - 1)}; judged from {day(parts.test.cut)} on"
    )

    task = Task(purchases, parts, recipe, progress)
    fitted = fitted_of(task)
    with progress.stage("Answering the test window") as share:
        active = truth_at(purchases, parts.test, fitted.state.facts)
        truth = active.sample(recipe.gate.customers, recipe.seed)
        rows = rows_of(fitted.state, truth, share)
        answers = answer(fitted.rankers, rows, recipe.threads)
    # As late as can be: another version may have become champion while this one was trained.
    champion = champion_of(store, model)
    rival, on_what_terms = champion_answers(task, champion, answers, truth)

    with progress.stage("Evaluating"):
        lists = {"candidate": answers.lists} | ({"champion": rival.lists} if rival else {})
        lists |= baselines(fitted.state, truth) | {"ceiling": perfect(rows)}
        evaluation = evaluated(lists, truth, fitted.state.facts, recipe)
    verdict = judge(evidence_of(champion, on_what_terms, evaluation, answers), recipe.gate).also(
        leak_check(task, fitted, truth)
    )

    with progress.stage("Looking for overfitting") as share:
        curve = capacity(fitted.windows, fitted.trees.mixed, recipe, share)

    with progress.stage("Refitting on all data") as share:
        state, rankers = refitted_of(task, fitted, _teaching(fitted, active, truth, rows), share)
        verdict = verdict.also(*refit_checks(answers, answer(rankers, rows, recipe.threads), rows))

    with tempfile.TemporaryDirectory() as folder, progress.stage("Publishing"):
        bundle = bundles.write(Path(folder), state, rankers)
        keep(bundle.folder, purchases, recipe)
        figures = Figures(
            profile=profile,
            split=parts,
            evaluation=evaluation,
            verdict=verdict.also(bundle.check),
            trees=fitted.trees,
            capacity=curve,
            drift=drift_since(store, model, champion.version if champion else 0, purchases),
            ranker_customers=fitted.learning.count,
            active_customers=fitted.learning.active,
            seconds=time.monotonic() - began,
        )
        page = report(model, recipe, figures, rankers)
        (bundle.folder / REPORT_FILE).write_text(page, encoding="utf-8")
        (bundle.folder / JSON_FILE).write_text(report_json(figures), encoding="utf-8")
        manifest = manifest_of(recipe, purchases, figures, bundle.manifest)
        published = publish(store, model, bundle.folder, manifest, promote=recipe.promote, author=author)
    return Outcome(published, figures, page)


def _teaching(fitted: Fitted, active: Truth, judged: Truth, rows: Rows) -> Rows:
    """The test window's rows of the customers who teach; ``rows`` are those of the ``judged`` ones."""
    if judged is active:
        return rows.of(np.flatnonzero(fitted.learning.people[judged.person]))
    return rows_of(fitted.state, active.among(fitted.learning.people), lambda _: None)
