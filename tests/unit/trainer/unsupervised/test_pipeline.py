"""From a table to a version with its verdict: what passes, what is refused, and what is named."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hotshelf_store import CHAMPION, Store, lead, open_store
from hotshelf_trainer.errors import DataError, RecipeError, ServingError
from hotshelf_trainer.outcome import Outcome
from hotshelf_trainer.progress import Silent
from hotshelf_trainer.training import train
from tests.unit.trainer.unsupervised.tables import recipe_of, table

TASKS = ("clustering", "anomaly", "decomposition")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "store").mkdir()
    return open_store(tmp_path / "store")


def trained(store: Store, folder: Path, task: str, rows: pl.DataFrame | None = None, **said: Any) -> Outcome:
    path = folder / "table.parquet"
    (table() if rows is None else rows).write_parquet(path)
    return train(recipe_of(task, path, **said), store, "made", Silent())


def failed(outcome: Outcome) -> list[str]:
    return [check.name for check in outcome.verdict.checks if not check.passed]


@pytest.mark.parametrize("task", TASKS)
def test_a_version_is_published_with_its_verdict_report_and_lineage(store: Store, tmp_path: Path, task: str) -> None:
    outcome = trained(store, tmp_path, task)
    assert outcome.verdict.passed, outcome.verdict
    manifest = store.manifest("made", 1)
    assert {spec.name for spec in manifest.signature.inputs} == {"x", "y", "z", "kind"}
    assert manifest.data.rows == 240
    assert manifest.metrics[0].subject == "candidate"
    assert f"task: {task}" in manifest.lineage.recipe
    files = store.files("made", 1)
    assert (files / "report.html").read_text().startswith("<!doctype html>")
    assert json.loads((files / "report.json").read_text())["split"]["test"] == 48


def test_as_many_clusters_are_chosen_as_there_are(store: Store, tmp_path: Path) -> None:
    outcome = trained(store, tmp_path, "clustering")
    assert outcome.findings[0].startswith("3 clusters have the best silhouette")
    written = json.loads((store.files("made", 1) / "training.json").read_text())
    assert written["parameters"] == {"size": 3}


def test_columns_that_do_not_go_together_have_no_clusters(store: Store, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    cloud = table().with_columns(x=pl.Series(rng.normal(size=240)), y=pl.Series(rng.normal(size=240)))
    outcome = trained(store, tmp_path, "clustering", cloud.drop("z", "kind"))
    assert "beats the shuffled columns baseline" in failed(outcome)


def test_a_detector_that_sees_nothing_is_refused(store: Store, tmp_path: Path) -> None:
    blind = {"name": "IsolationForest", "parameters": {"n_estimators": 1, "max_samples": 2}}
    outcome = trained(store, tmp_path, "anomaly", estimator=blind)
    assert {"planted outliers are found", "other rows give the same order"} & set(failed(outcome))


def test_components_of_noise_give_back_no_more_than_chance(store: Store, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(size=(60, 40))
    rows = pl.DataFrame({f"column_{place}": noise[:, place] for place in range(40)})
    outcome = trained(store, tmp_path, "decomposition", rows, components=1, features={})
    assert failed(outcome) == ["beats the shuffled columns baseline"]


@pytest.mark.parametrize("task", TASKS)
def test_the_same_again_is_not_inferior_to_the_champion(store: Store, tmp_path: Path, task: str) -> None:
    for _ in range(2):
        outcome = trained(store, tmp_path, task)
    assert outcome.verdict.passed, outcome.verdict
    assert outcome.verdict.champion_version == 1
    assert any("not inferior to champion version 1" in check.name for check in outcome.verdict.checks)
    assert lead(store.aliases("made"), CHAMPION) == 2


@pytest.mark.parametrize(
    ("task", "worse"),
    [
        ("clustering", {"clusters": 2}),
        ("anomaly", {"estimator": {"name": "IsolationForest", "parameters": {"n_estimators": 1}}}),
        ("decomposition", {"components": 1}),
    ],
)
def test_what_is_worse_than_the_champion_stays_candidate(
    store: Store, tmp_path: Path, task: str, worse: dict[str, Any]
) -> None:
    trained(store, tmp_path, task)
    outcome = trained(store, tmp_path, task, **worse)
    assert "not inferior to champion version 1" in failed(outcome)
    assert lead(store.aliases("made"), CHAMPION) == 1


def test_other_columns_than_the_champions_are_not_called_comparable(store: Store, tmp_path: Path) -> None:
    trained(store, tmp_path, "clustering")
    outcome = trained(store, tmp_path, "clustering", features={"drop": ["id", "customer", "day", "noise", "z"]})
    check = next(check for check in outcome.verdict.checks if "comparable" in check.name)
    assert not check.passed
    assert "the columns differ (z)" in check.reason


def test_a_champion_of_another_task_is_not_compared(store: Store, tmp_path: Path) -> None:
    trained(store, tmp_path, "clustering")
    with pytest.raises(RecipeError, match="champion version 1 is of task clustering, this recipe of anomaly"):
        trained(store, tmp_path, "anomaly")


def test_columns_that_moved_since_the_champion_was_trained_are_named(store: Store, tmp_path: Path) -> None:
    trained(store, tmp_path, "anomaly")
    outcome = trained(store, tmp_path, "anomaly", table().with_columns(y=pl.col("y") + 5))
    assert any("the data moved: y (much, PSI" in finding for finding in outcome.findings), outcome.findings


def test_a_flood_of_alarms_on_later_rows_is_refused(store: Store, tmp_path: Path) -> None:
    late = pl.col("id") >= 200
    moved = table().with_columns(x=pl.when(late).then(-20.0).otherwise("x"), z=pl.when(late).then(40.0).otherwise("z"))
    outcome = trained(store, tmp_path, "anomaly", moved, time="day", contamination=0.02)
    assert "no flood of alarms on rows that were held out" in failed(outcome)
    assert any("the held-out rows are of another kind" in finding for finding in outcome.findings)


@pytest.mark.parametrize(
    ("task", "change", "words"),
    [
        ("clustering", pl.lit(3.0).alias("y"), "column 'y' is 3.0 in all rows to learn from: name it in features.drop"),
        ("anomaly", pl.lit("a").alias("kind"), "column 'kind' is a in all rows to learn from"),
        ("decomposition", pl.lit(None, pl.Float64).alias("y"), "column 'y' is missing in all rows"),
        ("clustering", pl.lit(float("inf")).alias("y"), "240 of 240 rows break the contract"),
        ("anomaly", pl.lit(7).alias("id"), "id: is there twice"),
    ],
)
def test_data_that_cannot_be_learned_from_is_named_and_nothing_is_published(
    store: Store, tmp_path: Path, task: str, change: pl.Expr, words: str
) -> None:
    with pytest.raises(DataError, match=words):
        trained(store, tmp_path, task, table().with_columns(change), id="id")
    assert not store.models()


def test_more_clusters_than_distinct_rows_are_refused(store: Store, tmp_path: Path) -> None:
    few = table().with_columns(pl.col("x", "y", "z").fill_null(0).clip(0, 1).round()).drop("kind")
    with pytest.raises(DataError, match=r"\d distinct rows to learn from, too few for 20 clusters"):
        trained(store, tmp_path, "clustering", few, clusters=20)


def test_drawn_rows_with_fewer_distinct_ones_than_clusters_only_show_in_the_stability(
    store: Store, tmp_path: Path
) -> None:
    few = table().with_columns(pl.col("x", "y", "z").fill_null(0).clip(-1, 1).round(1)).drop("kind", "z")
    few = few.with_columns(pl.col("x", "y").round())
    outcome = trained(store, tmp_path, "clustering", few, clusters=7)
    assert outcome.published.version == 1


def test_what_the_server_would_not_load_is_refused_before_anything_is_published(store: Store, tmp_path: Path) -> None:
    strange = {"name": "LocalOutlierFactor", "parameters": {"metric": "manhattan"}}
    with pytest.raises(ServingError, match=r"can't be served: .*types that this server doesn't trust"):
        trained(store, tmp_path, "anomaly", estimator=strange)
    assert not store.models()


def test_too_few_rows_are_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="12 rows in all, rows of one group counted once; expected at least 25"):
        trained(store, tmp_path, "clustering", table(12))


def test_numbers_below_0_are_named_where_nmf_would_take_them(store: Store, tmp_path: Path) -> None:
    plain: dict[str, Any] = {"estimator": {"name": "NMF"}, "preprocessing": {"scale": "none"}}
    with pytest.raises(DataError, match=r"column 'x' has values below 0 \(down to -.*set preprocessing.scale: minmax"):
        trained(store, tmp_path, "decomposition", **plain)


def test_more_components_than_columns_are_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"99 components .* expected at most 7, as many"):
        trained(store, tmp_path, "decomposition", components=99)
