"""A training from a table to a published version, read straight down. The steps know nothing of each other."""

import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
from threadpoolctl import threadpool_limits

from hotshelf_store import Store
from hotshelf_trainer.diagnosis.drift import profile_of
from hotshelf_trainer.diagnosis.fan_out import HERE, FanOut
from hotshelf_trainer.diagnosis.leakage import LEAST_ROWS, leaks
from hotshelf_trainer.diagnosis.metrics import metric_of
from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.foreign.publish import Foreign
from hotshelf_trainer.outcome import JSON_FILE, REPORT_FILE, Outcome
from hotshelf_trainer.progress import Progress
from hotshelf_trainer.publishing import publish
from hotshelf_trainer.recipes import TabularRecipe
from hotshelf_trainer.run import Run
from hotshelf_trainer.scale_out.opening import opened
from hotshelf_trainer.table import bundle as bundles
from hotshelf_trainer.table.champion import champion_of
from hotshelf_trainer.table.intake import Taken, asked_again, take
from hotshelf_trainer.table.manifest import Judgement, manifest_of
from hotshelf_trainer.table.reading import overview_of
from hotshelf_trainer.table.rivals import CANDIDATE
from hotshelf_trainer.table.roles import Roles
from hotshelf_trainer.table.rows import summary_of
from hotshelf_trainer.tabular.baselines import baselines
from hotshelf_trainer.tabular.bundle import saved
from hotshelf_trainer.tabular.diagnoses import Diagnosis, diagnose
from hotshelf_trainer.tabular.distributed import final_model, fixed_trees, sample_of_rows
from hotshelf_trainer.tabular.evaluation import Part, sample_of
from hotshelf_trainer.tabular.examples import examples_of
from hotshelf_trainer.tabular.judges import Judges
from hotshelf_trainer.tabular.judging import champions, judged
from hotshelf_trainer.tabular.learner import FittedOn, TableLearner
from hotshelf_trainer.tabular.out_of_fold import out_of_fold
from hotshelf_trainer.tabular.report import report, report_json
from hotshelf_trainer.tabular.search import Found, alone, search
from hotshelf_trainer.tabular.splits import split
from hotshelf_trainer.tabular.study import finished, name_of, open_study
from hotshelf_trainer.tabular.subject import Subject
from hotshelf_trainer.tabular.task import Task
from hotshelf_trainer.tabular.words import findings_of, score_table
from hotshelf_trainer.verdict import Check

if TYPE_CHECKING:
    from hotshelf_trainer.scale_out.cluster import Cluster

LIBRARIES = ("lightgbm", "optuna")
"""Those of tables with a target."""


def train(recipe: TabularRecipe, store: Store, model: str, progress: Progress, run: Run | None = None) -> Outcome:
    """Train, judge, refit on all data and publish.

    Raises ``TrainingError`` where recipe and table don't fit together, and the store's errors.
    """
    run = run or Run()
    with threadpool_limits(recipe.threads), opened(run.dask, recipe.threads) as cluster:
        if recipe.estimator.distributed is not None and cluster is None:
            raise RecipeError("estimator.distributed: a cluster's workers fit the model; name one by --dask")
        return _train(recipe, store, model, progress, Surroundings(run, cluster))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How the training is run, and where."""

    run: Run
    cluster: "Cluster | None"

    @property
    def fan_out(self) -> FanOut:
        """Where fits are done that don't wait for each other."""
        return self.cluster or HERE


def _train(recipe: TabularRecipe, store: Store, model: str, progress: Progress, around: Surroundings) -> Outcome:
    began = time.monotonic()
    champion_of(store, model, TabularRecipe, recipe.task)  # one that can't be compared is refused before hours of work

    with progress.stage("Reading the table"):
        said = recipe.estimator.distributed
        overview = None if said is None else overview_of(recipe.data, recipe.time)
        taken = take(recipe) if overview is None else take(recipe, sample_of_rows(recipe, overview))
        roles, checked = taken.roles, taken.checked
        examples = examples_of(checked.kept, roles, recipe)
        parts = split(examples, recipe)
        given_away = _leaks(checked.kept, roles, recipe)
    task = Task(
        recipe=recipe,
        examples=examples,
        learner=TableLearner(examples, recipe, trees=fixed_trees(examples, parts.folds, recipe, progress)),
        parts=parts,
        progress=progress,
        fan_out=around.fan_out,
        violations=checked.violations,
        leaks=given_away,
        features=taken.features,
    )
    leak_check = _leak_check(taken, task)
    for violation in checked.violations:
        progress.say(f"set aside: {violation}")

    found = _searched(task, around.run.study)
    with progress.stage("Fitting"):
        fitted = task.learner.fit(parts.learning, found.best.parameters, recipe.seed)
        candidate = Part(CANDIDATE, parts.test, fitted(parts.test))
        folded = out_of_fold(task.learner, parts.folds, found.best.parameters, recipe.seed, fan_out=task.fan_out)
    diagnosis = _diagnosed(task, fitted, candidate, found)

    # Asked for again as late as can be: another version may have become champion while this one was trained.
    champion = champion_of(store, model, TabularRecipe, recipe.task)
    with progress.stage("Judging"):
        rivals = (candidate, *champions(task, champion), *baselines(examples, recipe, parts.learning, parts.test))
        parts_judged = (Part("train", parts.learning, fitted(parts.learning)), folded, replace(candidate, name="test"))
        figures = judged(task, champion, rivals, parts_judged, found).also(*leak_check)
        figures = replace(figures, diagnosis=diagnosis)

    with tempfile.TemporaryDirectory() as scratch, progress.stage("Refitting on all rows and publishing"):
        final = final_model(task.learner, found.best.parameters, recipe, around.cluster)
        folder = Path(scratch) / "bundle"
        manifest = bundles.write(Foreign(saved(final, Path(scratch))), folder, _training(task, found))
        figures = figures.also(*bundles.checks(folder, manifest, champion, recipe.gate))
        page = report(model, recipe, figures)
        (folder / REPORT_FILE).write_text(page, encoding="utf-8")
        (folder / JSON_FILE).write_text(report_json(figures), encoding="utf-8")
        judgement = Judgement(figures.metric.name, figures.scores, figures.comparisons, figures.verdict)
        data = summary_of(examples) if overview is None else overview.summary()
        manifest = manifest_of(recipe, data, judgement, manifest, LIBRARIES)
        published = publish(store, model, folder, manifest, promote=recipe.promote, author=around.run.author)
    return Outcome(
        published=published,
        verdict=figures.verdict,
        scores=score_table(figures),
        seconds=time.monotonic() - began,
        report=page,
        findings=findings_of(figures),
        aside=checked.aside,
    )


def _leaks(table: pl.DataFrame, roles: Roles, recipe: TabularRecipe) -> tuple[str, ...]:
    """Features that tell the target nearly alone, save those that the recipe lets."""
    looked_at = [name for name in roles.features if name not in recipe.allow_leaks]
    if len(table) < LEAST_ROWS or not looked_at:
        return ()
    kind: Literal["class", "number"] = "class" if recipe.task == "classification" else "number"
    findings = leaks(table.select(*looked_at, recipe.target), recipe.target, kind, recipe.seed)
    return tuple(f"{finding.message} (allow_leaks: [{finding.column}] if it is)" for finding in findings)


def _leak_check(taken: Taken, task: Task) -> tuple[Check, ...]:
    """Whether features know the future, where the recipe tells when things happened."""
    if not task.recipe.data.times:
        return ()
    with task.progress.stage("Asking the query again as if the test's time had not come"):
        return asked_again(taken, task.recipe, task.examples, task.parts.test)


def _searched(task: Task, journal: Path | None) -> Found:
    recipe, parts = task.recipe, task.parts
    metric = metric_of(task.examples.task, recipe.metric)
    judges = Judges(task.learner, metric, recipe.seed, task.fan_out)
    if recipe.search is None:
        with task.progress.stage("Cross-validating") as share:
            return alone(judges, parts.folds, share)
    study = open_study(metric, recipe.seed, journal, name_of(recipe, task.examples.fingerprint))
    if before := len(finished(study)):
        task.progress.say(f"{before} trials of this search are in {journal}: it goes on from there")
    with task.progress.stage(f"Searching, {recipe.search.trials} trials of {len(parts.folds)} folds") as share:
        return search(judges, parts.folds, recipe.search, study, tell=share)


def _diagnosed(task: Task, fitted: FittedOn, candidate: Part, found: Found) -> Diagnosis:
    subject = Subject(
        recipe=task.recipe,
        learner=task.learner,
        split=task.parts,
        metric=metric_of(task.examples.task, task.recipe.metric),
        found=found,
        fitted=fitted,
        test=sample_of(task.examples, candidate),
        fan_out=task.fan_out,
    )
    with task.progress.stage("Looking for bias, variance and overfitting") as share:
        return diagnose(subject, share)


def _training(task: Task, found: Found) -> Mapping[str, Any]:
    """What a later training, and a person, must know of this one."""
    examples = task.examples
    return {
        "parameters": {**task.learner.found, **found.best.parameters},
        "profile": json.loads(profile_of(task.features, task.recipe.seed).to_json()),
        "classes": list(examples.classes),
        "numeric": list(examples.roles.numeric),
        "categorical": list(examples.roles.categorical),
        "split": {"kind": task.parts.kind, "learning": len(task.parts.learning), "test": len(task.parts.test)},
    }
