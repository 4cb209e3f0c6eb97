"""A model that all workers fit together is of the kind that one process makes, whatever becomes of the workers."""

import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from distributed import Client

from hotshelf_store import open_store
from hotshelf_trainer.diagnosis.fan_out import HERE, Fit
from hotshelf_trainer.diagnosis.metrics import metric_of
from hotshelf_trainer.errors import DataError, RecipeError
from hotshelf_trainer.progress import Silent
from hotshelf_trainer.recipes import TabularRecipe
from hotshelf_trainer.run import Run
from hotshelf_trainer.scale_out.cluster import connected
from hotshelf_trainer.table.roles import roles_of
from hotshelf_trainer.tabular.boosted import fit_boosted
from hotshelf_trainer.tabular.distributed import fit_distributed
from hotshelf_trainer.tabular.examples import Examples, examples_of
from hotshelf_trainer.tabular.learner import TableLearner
from hotshelf_trainer.tabular.pipeline import train
from hotshelf_trainer.tabular.settings import Settings
from tests.fakes.progress import Heard
from tests.unit.trainer.tabular.tables import recipe_of, table

PARAMETERS = {"n_estimators": 20, "num_leaves": 7}
METRICS = {"classification": "log_loss", "regression": "rmse", "ranking": "ndcg@10"}


def made(folder: Path, task: str, rows: int) -> tuple[Examples, TabularRecipe]:
    """All rows here, and the recipe by which the workers read them."""
    made_up = table(rows)
    made_up.write_parquet(folder / "table.parquet")
    recipe = recipe_of(task, data={"path": str(folder / "table.parquet")}, threads=1)
    return examples_of(made_up, roles_of(made_up, recipe), recipe), recipe


def settings_of(recipe: TabularRecipe) -> Settings:
    return Settings(recipe.preprocessing, recipe.seed, recipe.threads)


@pytest.mark.parametrize("task", ["classification", "regression", "ranking"])
def test_it_foretells_about_as_well_as_a_model_of_one_process(scheduler: str, tmp_path: Path, task: str) -> None:
    examples, recipe = made(tmp_path, task, 2000)
    rows = np.arange(len(examples))
    here = fit_boosted(examples, rows, PARAMETERS, settings_of(recipe))
    with connected(scheduler, threads=1) as cluster:
        there = fit_distributed(cluster, examples, PARAMETERS, recipe)
    metric = metric_of(examples.task, METRICS[task])
    query = examples.groups if task == "ranking" else None
    ours, theirs = (metric(examples.truth, model.predict(examples.frame), query=query) for model in (here, there))
    assert theirs == pytest.approx(ours, rel=0.1)
    assert there.booster.num_trees() == 20


def test_its_text_names_no_machine(scheduler: str, tmp_path: Path) -> None:
    examples, recipe = made(tmp_path, "regression", 500)
    with connected(scheduler, threads=1) as cluster:
        text = fit_distributed(cluster, examples, PARAMETERS, recipe).booster.model_to_string()
    assert "127.0.0.1" not in text
    assert "[num_machines" not in text
    assert 'pandas_categorical:[["blue", "green", "red"]]' in text


def test_a_worker_that_is_killed_in_the_middle_has_the_fit_begun_anew(scheduler: str, tmp_path: Path) -> None:
    examples, recipe = made(tmp_path, "regression", 4000)
    with Client(scheduler, set_as_default=False) as client, connected(scheduler, threads=1) as cluster:
        victim = next(iter(client.run(os.getpid).values()))
        killer = threading.Thread(target=kill_when_fitting, args=(client, victim))
        killer.start()
        model = fit_distributed(cluster, examples, {"n_estimators": 800, "num_leaves": 31}, recipe)
        killer.join()
        assert victim not in client.run(os.getpid).values(), "it was killed"
        assert model.booster.num_trees() == 800
        # A worker that lost its peer fits by itself again.
        learner, rows = TableLearner(examples, recipe), np.arange(200)
        fits = [Fit(rows, {}, seed, (rows,)) for seed in range(4)]
        found, expected = cluster.answers(learner, fits), HERE.answers(learner, fits)
    assert [one.tobytes() for (one,) in found] == [one.tobytes() for (one,) in expected]


def kill_when_fitting(client: Client, victim: int) -> None:
    """SIGKILL, once LightGBM has begun on every worker."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        stacks = client.call_stack()
        if len(stacks) == 2 and all("_train_part" in key for stack in stacks.values() for key in stack):
            time.sleep(0.3)
            os.kill(victim, signal.SIGKILL)
            return
        time.sleep(0.05)


def test_a_training_publishes_a_model_of_all_rows_that_was_judged_on_a_sample(scheduler: str, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    table(1200).write_parquet(tmp_path / "table.parquet")
    estimator = {"parameters": PARAMETERS | {"n_estimators": 60}, "distributed": {"sample": 400, "patience": 5}}
    recipe = recipe_of("classification", data={"path": str(tmp_path / "table.parquet")}, threads=1, estimator=estimator)
    store = open_store(tmp_path / "store")
    heard = Heard()
    outcome = train(recipe, store, "made", heard, Run(dask=scheduler))
    manifest = store.manifest("made", outcome.published.version)
    assert manifest.data.rows == 1200
    assert manifest.golden.path
    assert any("trees, by early stopping on the folds of " in line for line in heard.lines)


def test_rows_that_a_worker_cannot_learn_from_are_named(scheduler: str, tmp_path: Path) -> None:
    examples, recipe = made(tmp_path, "classification", 400)
    rows = table(400)
    rows.with_columns(kind=pl.Series(["odd", *rows["kind"][1:]])).write_parquet(tmp_path / "table.parquet")
    with connected(scheduler, threads=1) as cluster, pytest.raises(DataError, match="class 'odd' is in no row"):
        fit_distributed(cluster, examples, PARAMETERS, recipe)


def test_without_a_cluster_a_joint_fit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    recipe = recipe_of("classification", estimator={"distributed": {"sample": 400}})
    with pytest.raises(RecipeError, match="name one by --dask"):
        train(recipe, open_store(tmp_path / "store"), "made", Silent())
