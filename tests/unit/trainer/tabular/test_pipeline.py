"""From a table to a version that is served: every task, with both kinds of estimators."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hotshelf_server.core.types import Response
from hotshelf_server.runtimes import RuntimePolicy, load
from hotshelf_store import CHAMPION, Store, lead, open_store
from hotshelf_trainer.errors import DataError, RecipeError
from hotshelf_trainer.outcome import Outcome
from hotshelf_trainer.progress import Silent
from hotshelf_trainer.tabular.pipeline import train
from tests.fakes.progress import Heard
from tests.unit.trainer.tabular.tables import recipe_of, table

LINEAR = {"name": "LogisticRegression", "parameters": {"max_iter": 500}}
SEARCH = {"trials": 4, "space": {"num_leaves": {"low": 2, "high": 15, "whole": True}}}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "store").mkdir()
    return open_store(tmp_path / "store")


def trained(store: Store, folder: Path, task: str, rows: pl.DataFrame | None = None, **said: Any) -> Outcome:
    path = folder / "table.parquet"
    (table() if rows is None else rows).write_parquet(path)
    return train(recipe_of(task, data={"path": str(path)}, **said), store, "made", Silent())


def asked(store: Store, version: int, rows: pl.DataFrame) -> dict[str, np.ndarray]:
    """What the published version answers in the runtime that serves it."""
    manifest = store.manifest("made", version)
    texts = {spec.name for spec in manifest.signature.inputs if spec.datatype == "BYTES"}
    inputs = {
        spec.name: np.array([text.encode() for text in rows[spec.name]], dtype=object)
        if spec.name in texts
        else rows[spec.name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        for spec in manifest.signature.inputs
    }
    with closing(load(store.files("made", version), manifest, RuntimePolicy())) as servable:
        response = servable.predict(inputs, {})
    assert isinstance(response, Response)
    return dict(response.outputs)


@pytest.mark.parametrize(
    ("task", "estimator"),
    [
        ("classification", "lightgbm"),
        ("classification", "LogisticRegression"),
        ("regression", "lightgbm"),
        ("regression", "Ridge"),
        ("ranking", "lightgbm"),
    ],
)
def test_a_model_is_published_with_its_verdict_and_answers_for_new_rows(
    store: Store, tmp_path: Path, task: str, estimator: str
) -> None:
    parameters = {"n_estimators": 30} if estimator == "lightgbm" else {}
    outcome = trained(store, tmp_path, task, estimator={"name": estimator, "parameters": parameters})
    assert outcome.verdict.passed, outcome.verdict
    manifest = store.manifest("made", outcome.published.version)
    assert {spec.name for spec in manifest.signature.inputs} == {"size", "noise", "colour"}
    assert manifest.data.rows == 400
    assert manifest.metrics[0].subject == "candidate"
    fresh = table(300, seed=9)
    answers = asked(store, 1, fresh)
    if estimator == "LogisticRegression":
        said = answers["predict"]
        assert np.mean([one.decode() for one in said] == fresh["kind"].to_numpy()) > 0.9
    else:
        said = next(iter(answers.values()))
        assert abs(np.corrcoef(said, fresh["value"].to_numpy())[0, 1]) > 0.8


def test_a_category_that_no_row_had_is_answered_and_not_refused(store: Store, tmp_path: Path) -> None:
    for version, name in enumerate(("lightgbm", "LogisticRegression"), 1):
        trained(store, tmp_path, "classification", estimator={"name": name, "parameters": {}})
        answers = asked(store, version, table(5).with_columns(colour=pl.lit("mauve")))
        assert all(len(answer) == 5 for answer in answers.values())


def test_the_next_version_is_judged_against_the_champion_on_equal_terms(store: Store, tmp_path: Path) -> None:
    trained(store, tmp_path, "regression")
    better = trained(store, tmp_path, "regression", estimator={"name": "lightgbm", "parameters": {"n_estimators": 200}})
    assert better.verdict.champion_version == 1
    assert lead(store.aliases("made"), CHAMPION) == 2
    worse = trained(store, tmp_path, "regression", estimator={"name": "lightgbm", "parameters": {"n_estimators": 2}})
    assert not worse.verdict.passed
    assert any(
        "not inferior to champion version 2" in check.name and not check.passed for check in worse.verdict.checks
    )
    assert lead(store.aliases("made"), CHAMPION) == 2


def test_a_champion_that_changed_while_a_version_was_trained_is_the_one_that_it_is_judged_against(
    store: Store, tmp_path: Path
) -> None:
    trained(store, tmp_path, "regression")
    recipe = recipe_of("regression", data={"path": str(tmp_path / "table.parquet")}, seed=1)
    meanwhile = Heard(at={"Fitting": lambda: trained(store, tmp_path, "regression", gate={"margin": 0.5})})
    outcome = train(recipe, store, "made", meanwhile)
    assert outcome.verdict.champion_version == 2
    assert outcome.published.version == 3
    assert lead(store.aliases("made"), CHAMPION) == (3 if outcome.verdict.passed else 2)


def test_a_version_that_callers_of_the_champion_cannot_call_is_refused(store: Store, tmp_path: Path) -> None:
    trained(store, tmp_path, "regression")
    more = table().with_columns(extra=pl.col("size") * 2)
    outcome = trained(store, tmp_path, "regression", more)
    failed = [check for check in outcome.verdict.checks if not check.passed]
    assert [check.name for check in failed] == ["takes and gives what champion version 1 does"]
    assert "input 'extra' FP64 (the champion takes none of that name)" in failed[0].reason


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("model.txt", {"search": SEARCH}),
        ("model.skops", {"estimator": {"name": "RandomForestRegressor", "parameters": {"n_estimators": 5}}}),
    ],
)
def test_the_same_recipe_data_and_seed_give_the_same_bytes(
    store: Store, tmp_path: Path, file: str, said: dict[str, Any]
) -> None:
    for seed in (0, 0, 1):
        trained(store, tmp_path, "regression", seed=seed, promote=False, **said)
    first, second, other = ((store.files("made", version) / file).read_bytes() for version in (1, 2, 3))
    assert first == second != other


def test_what_the_search_found_is_kept_for_the_next_comparison(store: Store, tmp_path: Path) -> None:
    outcome = trained(store, tmp_path, "regression", search=SEARCH)
    written = json.loads((store.files("made", 1) / "training.json").read_text())
    assert set(written["parameters"]) <= {"num_leaves"}
    assert "4 sets of hyperparameters were tried" in outcome.findings[0]


def test_a_champion_of_another_task_is_not_compared(store: Store, tmp_path: Path) -> None:
    trained(store, tmp_path, "regression")
    with pytest.raises(RecipeError, match="champion version 1 is of task regression, this recipe of classification"):
        trained(store, tmp_path, "classification")


@pytest.mark.parametrize(
    ("task", "change", "words"),
    [
        ("regression", pl.lit(1.0).alias("value"), "target 'value' is 1 in all rows; there is nothing to learn"),
        ("classification", pl.lit("high").alias("kind"), r"target 'kind' has one class \('high'\) in all rows"),
        ("ranking", (pl.col("grade") - 1).alias("grade"), "expected grades, whole numbers from 0 to 30"),
        ("regression", pl.col("kind").alias("value"), "task regression expects a number"),
        ("regression", pl.lit(None, pl.Float64).alias("size"), "column 'size' is missing in all rows"),
        ("regression", pl.lit(float("inf")).alias("size"), "400 of 400 rows break the contract"),
        ("regression", pl.lit(7).alias("id"), "id: is there twice"),
    ],
)
def test_data_that_cannot_be_learned_from_is_named_and_nothing_is_published(
    store: Store, tmp_path: Path, task: str, change: pl.Expr, words: str
) -> None:
    with pytest.raises(DataError, match=words):
        trained(store, tmp_path, task, table().with_columns(change))
    assert not store.models()


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        ({"name": "RandomForrestClassifier"}, "did you mean 'RandomForestClassifier'"),
        ({"name": "LinearSVC"}, "LinearSVC gives no probabilities"),
        ({"name": "LogisticRegression", "parameters": {"depth": 3}}, "LogisticRegression refuses them: .*'depth'"),
        (
            {"name": "lightgbm", "parameters": {"objective": "poisson"}},
            "estimator.parameters.objective: .*leave it out",
        ),
    ],
)
def test_an_estimator_that_cannot_be_is_named(
    store: Store, tmp_path: Path, estimator: dict[str, Any], words: str
) -> None:
    with pytest.raises(RecipeError, match=words):
        trained(store, tmp_path, "classification", estimator=estimator)


def test_a_pipeline_of_steps_is_fitted_searched_and_served(store: Store, tmp_path: Path) -> None:
    steps = [{"name": "PolynomialFeatures", "parameters": {"degree": 2}}, {"name": "PCA"}]
    space = {"PCA__n_components": {"low": 2, "high": 5, "whole": True}, "alpha": {"low": 0.1, "high": 10}}
    outcome = trained(
        store,
        tmp_path,
        "regression",
        estimator={"name": "Ridge", "steps": steps},
        search={"trials": 3, "space": space},
    )
    assert outcome.verdict.passed, outcome.verdict
    written = json.loads((store.files("made", 1) / "training.json").read_text())
    assert set(written["parameters"]) <= {"PCA__n_components", "alpha"}
    fresh = table(100, seed=9)
    said = next(iter(asked(store, 1, fresh).values()))
    assert np.corrcoef(said, fresh["value"].to_numpy())[0, 1] > 0.8


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        ({"name": "Ridge", "steps": [{"name": "PAC"}]}, "no transformer 'PAC'; did you mean 'PCA'"),
        ({"name": "Ridge", "steps": [{"name": "PCA", "parameters": {"colour": 1}}]}, "PCA refuses them"),
        ({"name": "lightgbm", "steps": [{"name": "PCA"}]}, "lightgbm takes the table as it is"),
        ({"name": "Ridge", "steps": [{"name": "PCA"}, {"name": "PCA"}]}, "named twice"),
    ],
)
def test_steps_that_cannot_be_are_named(store: Store, tmp_path: Path, estimator: dict[str, Any], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        trained(store, tmp_path, "regression", estimator=estimator)


def test_categories_that_only_the_test_part_has_are_as_good_as_missing(store: Store, tmp_path: Path) -> None:
    many = table().with_columns(colour=pl.col("id").cast(pl.String))
    assert trained(store, tmp_path, "regression", many).published.version == 1


def test_a_copy_of_the_target_is_found_by_name_and_refused_unless_allowed(store: Store, tmp_path: Path) -> None:
    copied = table().with_columns(answer=pl.col("value") * 2)
    outcome = trained(store, tmp_path, "regression", copied)
    assert not outcome.verdict.passed
    leak = outcome.verdict.checks[0]
    assert "answer alone foretells value" in leak.reason
    assert "allow_leaks: [answer]" in leak.reason
    assert trained(store, tmp_path, "regression", copied, allow_leaks=["answer"]).verdict.passed


def test_features_that_moved_since_the_champion_was_trained_are_named(store: Store, tmp_path: Path) -> None:
    trained(store, tmp_path, "regression")
    moved = trained(store, tmp_path, "regression", table().with_columns(noise=pl.col("noise") + 3))
    assert any("the data moved: noise (much, PSI" in finding for finding in moved.findings), moved.findings
    still = trained(store, tmp_path, "regression", table(seed=3), promote=False)
    assert not any("colour (" in finding for finding in still.findings)


def test_rows_that_break_the_contract_are_kept_aside(store: Store, tmp_path: Path) -> None:
    bad = table().with_columns(size=pl.when(pl.col("id") == 7).then(float("inf")).otherwise(pl.col("size")))
    outcome = trained(store, tmp_path, "regression", bad)
    assert outcome.aside is not None
    assert outcome.aside["row"].to_list() == [8]
    assert "Set aside: size: is not finite, 1 rows, such as inf." in outcome.findings
    assert store.manifest("made", 1).data.rows == 399
