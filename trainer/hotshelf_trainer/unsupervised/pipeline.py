"""A training without a target, from a table to a published version, read straight down."""

import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from hotshelf_server.runtimes import HotshelfError
from hotshelf_store import Store
from hotshelf_trainer.diagnosis.drift import profile_of
from hotshelf_trainer.outcome import JSON_FILE, REPORT_FILE, Outcome
from hotshelf_trainer.progress import Progress
from hotshelf_trainer.publishing import publish
from hotshelf_trainer.recipes import AnomalyRecipe, ClusteringRecipe
from hotshelf_trainer.run import Run
from hotshelf_trainer.table import bundle as bundles
from hotshelf_trainer.table.champion import Champion, champion_of, drift_since
from hotshelf_trainer.table.intake import Taken, asked_again, take
from hotshelf_trainer.table.manifest import Judgement, manifest_of
from hotshelf_trainer.table.rows import in_order, rows_of, summary_of
from hotshelf_trainer.table.served import answers
from hotshelf_trainer.unsupervised.anomaly import Anomaly
from hotshelf_trainer.unsupervised.bundle import saved
from hotshelf_trainer.unsupervised.clustering import Clustering
from hotshelf_trainer.unsupervised.decomposition import Decomposition
from hotshelf_trainer.unsupervised.figures import Choice, Figures, Judged, Task
from hotshelf_trainer.unsupervised.gate import Opponent, judge
from hotshelf_trainer.unsupervised.learner import AnyRecipe, Fitted, Learner
from hotshelf_trainer.unsupervised.numbering import numbered
from hotshelf_trainer.unsupervised.parts import kind_of, parts_of
from hotshelf_trainer.unsupervised.report import findings_of, report, report_json, score_table
from hotshelf_trainer.unsupervised.subject import Subject
from hotshelf_trainer.verdict import Check

SIZE = "size"
"""Of clusters or components: what a version keeps of its training for the next comparison."""


def train(recipe: AnyRecipe, store: Store, model: str, progress: Progress, run: Run | None = None) -> Outcome:
    """Train, judge, refit on all data and publish.

    Raises ``TrainingError`` where recipe and table don't fit together, and the store's errors.
    """
    with threadpool_limits(recipe.threads):
        return _train(recipe, store, model, progress, run or Run())


def _train(recipe: AnyRecipe, store: Store, model: str, progress: Progress, run: Run) -> Outcome:
    began = time.monotonic()
    champion_of(store, model, type(recipe), recipe.task)  # one that can't be compared is refused before hours of work

    with progress.stage("Reading the table"):
        taken = take(recipe)
        subject = _subject(taken, recipe)
    for violation in taken.checked.violations:
        progress.say(f"set aside: {violation}")
    task = task_of(subject, recipe)

    with progress.stage("Choosing"):
        choice = task.choose()
    # Asked for again as late as can be: another version may have become champion while this one was trained.
    champion = champion_of(store, model, type(recipe), recipe.task)
    with progress.stage("Fitting"):
        taught = subject.frame(subject.learning)
        known = _known_clusters(store, model, champion, taught, progress)
        fitted = subject.learner.fit(taught, choice.size)
        fitted = numbered(fitted, taught, known) if fitted.has_clusters else fitted
        rival = _rival(champion, subject)
    with progress.stage("Judging on rows that were held out"):
        figures = _judged(subject, champion, task.judge(choice, fitted, rival), choice)
        figures = replace(figures, notes=fitted.notes, violations=taken.checked.violations)
        figures = replace(figures, drift=drift_since(champion, taken.features))
        figures = figures.also(*asked_again(taken, recipe, subject.rows, subject.test))

    with tempfile.TemporaryDirectory() as scratch, progress.stage("Refitting on all rows and publishing"):
        final = _refitted(subject, choice, fitted)
        folder = Path(scratch) / "bundle"
        foreign = saved(final, subject.rows.frame, Path(scratch), recipe.seed)
        manifest = bundles.write(foreign, folder, _training(taken, subject, choice))
        figures = figures.also(_finite(task, final, subject))
        figures = figures.also(*bundles.checks(folder, manifest, champion, recipe.gate))
        page = report(model, recipe, figures)
        (folder / REPORT_FILE).write_text(page, encoding="utf-8")
        (folder / JSON_FILE).write_text(report_json(figures), encoding="utf-8")
        judged = figures.judged
        judgement = Judgement(judged.metric, judged.scores, judged.comparisons, figures.verdict)
        manifest = manifest_of(recipe, summary_of(subject.rows), judgement, manifest)
        published = publish(store, model, folder, manifest, promote=recipe.promote, author=run.author)
    return Outcome(
        published=published,
        verdict=figures.verdict,
        scores=score_table(figures),
        seconds=time.monotonic() - began,
        report=page,
        findings=findings_of(figures),
        aside=taken.checked.aside,
    )


def task_of(subject: Subject, recipe: AnyRecipe) -> Task:
    """What the recipe's task does with the subject."""
    if isinstance(recipe, ClusteringRecipe):
        return Clustering(subject, recipe)
    if isinstance(recipe, AnomalyRecipe):
        return Anomaly(subject, recipe)
    return Decomposition(subject, recipe)


def _subject(taken: Taken, recipe: AnyRecipe) -> Subject:
    rows = rows_of(in_order(taken.checked.kept, taken.roles), taken.roles)
    learning, test = parts_of(rows, recipe)
    return Subject(rows, learning, test, Learner(taken.roles, recipe))


def _rival(champion: Champion[AnyRecipe] | None, subject: Subject) -> Fitted | None:
    """The champion's recipe and size, learned from the same rows; None where it knows other columns."""
    if champion is None or set(champion.profile.columns) != set(subject.rows.roles.features):
        return None
    learner = Learner(subject.rows.roles, champion.recipe)
    return learner.fit(subject.frame(subject.learning), champion.parameters[SIZE])


def _known_clusters(
    store: Store, model: str, champion: Champion[AnyRecipe] | None, frame: pd.DataFrame, progress: Progress
) -> npt.NDArray[np.int64] | None:
    """The clusters that the champion answers with; None where it has none, or knows other columns."""
    if champion is None or champion.recipe.task != "clustering" or set(champion.profile.columns) != set(frame.columns):
        return None
    try:
        said = answers(store.files(model, champion.version), champion.manifest, frame)
    except HotshelfError as error:
        progress.say(
            f"clusters get new numbers: champion version {champion.version} can't be asked for its own: {error}"
        )
        return None
    return np.asarray(said["predict"], dtype=np.int64)


def _refitted(subject: Subject, choice: Choice, fitted: Fitted) -> Fitted:
    """The model of all rows, whose clusters have the numbers that the report tells of."""
    frame = subject.rows.frame
    final = subject.learner.fit(frame, choice.size)
    return numbered(final, frame, fitted.labels(frame)) if final.has_clusters else final


def _judged(subject: Subject, champion: Champion[AnyRecipe] | None, judged: Judged, choice: Choice) -> Figures:
    recipe = subject.learner.recipe
    opponent = None if champion is None else Opponent(champion.version, tuple(champion.profile.columns))
    return Figures(
        judged=judged,
        choice=choice,
        kind=kind_of(recipe),
        learned=len(subject.learning),
        held_out=len(subject.test),
        verdict=judge(judged, subject.rows.roles.features, opponent, recipe.gate),
    )


def _finite(task: Task, final: Fitted, subject: Subject) -> Check:
    """Of the model that is published, on rows that it learned from and on those that came after its judged self."""
    answers = task.answers(final, subject.frame(subject.judged))
    wrong = int((~np.isfinite(answers)).sum())
    return Check("all answers are numbers", not wrong, f"{wrong} of {answers.size:,} are NaN or infinite")


def _training(taken: Taken, subject: Subject, choice: Choice) -> Mapping[str, Any]:
    """What a later training, and a person, must know of this one."""
    roles = subject.rows.roles
    return {
        "parameters": {SIZE: choice.size},
        "profile": json.loads(profile_of(taken.features, subject.seed).to_json()),
        "numeric": list(roles.numeric),
        "categorical": list(roles.categorical),
        "split": {
            "kind": kind_of(subject.learner.recipe),
            "learning": len(subject.learning),
            "test": len(subject.test),
        },
    }
