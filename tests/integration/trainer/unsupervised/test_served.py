"""Every estimator without a target is published, replayed and answered by the runtime that serves it."""

from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hotshelf_server.core.types import Response
from hotshelf_server.runtimes import RuntimePolicy, load, replay
from hotshelf_store import Store, golden, open_store
from hotshelf_trainer.progress import Silent
from hotshelf_trainer.training import train
from tests.unit.trainer.unsupervised.tables import recipe_of, table

POSITIVE = {"scale": "minmax"}
SERVED: dict[str, tuple[str, dict[str, Any], dict[str, list[int]]]] = {
    "KMeans": ("clustering", {}, {"predict": [-1], "transform": [-1, 3]}),
    "MiniBatchKMeans": ("clustering", {}, {"predict": [-1], "transform": [-1, 3]}),
    "GaussianMixture": ("clustering", {}, {"predict": [-1], "predict_proba": [-1, 3]}),
    "IsolationForest": ("anomaly", {}, {"predict": [-1], "decision_function": [-1]}),
    "LocalOutlierFactor": ("anomaly", {}, {"predict": [-1], "decision_function": [-1]}),
    "PCA": ("decomposition", {"components": 2}, {"transform": [-1, 2]}),
    "NMF": ("decomposition", {"components": 2, "preprocessing": POSITIVE}, {"transform": [-1, 2]}),
    "TruncatedSVD": ("decomposition", {"components": 2}, {"transform": [-1, 2]}),
}
PARAMETERS: dict[str, dict[str, Any]] = {"IsolationForest": {"n_estimators": 20}, "KMeans": {"n_init": 3}}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "store").mkdir()
    return open_store(tmp_path / "store")


def served(store: Store, version: int, rows: pl.DataFrame) -> dict[str, np.ndarray]:
    """What the published version says of rows, after its goldens were replayed."""
    manifest = store.manifest("made", version)
    folder = store.files("made", version)
    inputs = {
        spec.name: np.array([(text or "").encode() for text in rows[spec.name]], dtype=object)
        if spec.datatype == "BYTES"
        else rows[spec.name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        for spec in manifest.signature.inputs
    }
    with closing(load(folder, manifest, RuntimePolicy())) as servable:
        replay(servable, golden.read(folder / manifest.golden.path))
        response = servable.predict(inputs, {})
    assert isinstance(response, Response)
    return dict(response.outputs)


@pytest.mark.parametrize("name", SERVED)
def test_a_published_version_answers_for_new_rows(store: Store, tmp_path: Path, name: str) -> None:
    task, said, outputs = SERVED[name]
    path = tmp_path / "table.parquet"
    table().write_parquet(path)
    estimator = {"name": name, "parameters": PARAMETERS.get(name, {})}
    outcome = train(recipe_of(task, path, estimator=estimator, **said), store, "made", Silent())
    assert outcome.verdict.passed, outcome.verdict
    manifest = store.manifest("made", 1)
    assert {spec.name: list(spec.shape) for spec in manifest.signature.outputs} == outputs
    fresh = table(60, seed=9)
    answers = served(store, 1, fresh)
    assert all(len(answer) == 60 and np.isfinite(answer).all() for answer in answers.values())
    if task == "clustering":
        assert len(set(zip(fresh["kind"].fill_null("").to_list(), answers["predict"].tolist(), strict=True))) <= 6
    if task == "anomaly":
        assert np.array_equal(answers["predict"] == -1, answers["decision_function"] < 0)
        odd = served(store, 1, fresh.with_columns(x=pl.lit(60.0), y=pl.lit(-40.0)))
        assert (odd["predict"] == -1).mean() > (answers["predict"] == -1).mean()
        assert odd["decision_function"].mean() < answers["decision_function"].mean()


def test_callers_find_customers_in_clusters_of_the_same_numbers_after_a_new_version(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "table.parquet"
    for seed in (0, 1, 2):
        table(seed=seed).write_parquet(path)
        train(recipe_of("clustering", path, seed=seed, clusters=3), store, "made", Silent())
    fresh = table(100, seed=9)
    first, *later = (served(store, version, fresh)["predict"] for version in (1, 2, 3))
    for answers in later:
        assert (answers == first).mean() > 0.95


def test_columns_that_nmf_takes_as_they_are_are_published_though_random_rows_would_be_refused(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "table.parquet"
    table().with_columns(pl.col("x", "y", "z").abs()).write_parquet(path)
    said: dict[str, Any] = {"estimator": {"name": "NMF"}, "preprocessing": {"scale": "none"}, "components": 2}
    outcome = train(recipe_of("decomposition", path, **said), store, "made", Silent())
    assert outcome.verdict.passed, outcome.verdict
