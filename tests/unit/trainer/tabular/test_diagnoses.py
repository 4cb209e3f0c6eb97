"""A training looks at its own fit, and says in words what it saw."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hotshelf_store import open_store
from hotshelf_trainer.errors import DataError, RecipeError
from hotshelf_trainer.outcome import Outcome
from hotshelf_trainer.progress import Silent
from hotshelf_trainer.tabular.pipeline import train
from tests.unit.trainer.tabular.tables import NO_DIAGNOSIS, recipe_of, table


def trained(folder: Path, task: str, rows: int, **said: Any) -> Outcome:
    (folder / "store").mkdir(parents=True)
    table(rows).write_parquet(folder / "table.parquet")
    recipe = recipe_of(task, data={"path": str(folder / "table.parquet")}, **({"diagnosis": {}} | said))
    return train(recipe, open_store(folder / "store"), "made", Silent())


def said_of(outcome: Outcome, words: str) -> bool:
    return any(words in finding for finding in outcome.findings)


def test_a_model_that_is_far_too_large_is_said_to_overfit(tmp_path: Path) -> None:
    large = {"n_estimators": 60, "num_leaves": 63, "min_child_samples": 2, "learning_rate": 0.3}
    outcome = trained(tmp_path, "classification", 600, estimator={"name": "lightgbm", "parameters": large})
    assert said_of(outcome, " overfits: "), outcome.findings
    assert " overfits: " in outcome.report


def test_a_model_that_is_far_too_small_is_said_to_underfit(tmp_path: Path) -> None:
    small = {"n_estimators": 3, "num_leaves": 3, "learning_rate": 0.1}
    outcome = trained(tmp_path, "regression", 400, estimator={"name": "lightgbm", "parameters": small})
    assert said_of(outcome, " underfits: "), outcome.findings


@pytest.mark.parametrize(
    ("task", "estimator", "titles"),
    [
        (
            "classification",
            "lightgbm",
            ("Capacity", "Learning curve", "Bias and variance", "Validation", "Search"),
        ),
        ("regression", "Ridge", ("Learning curve", "Bias and variance", "Validation", "Search")),
        ("ranking", "lightgbm", ("Capacity", "Learning curve", "Validation", "Search")),
    ],
)
def test_the_report_draws_what_there_is(tmp_path: Path, task: str, estimator: str, titles: tuple[str, ...]) -> None:
    leaves, alpha = {"low": 2, "high": 9, "whole": True}, {"low": 0.1, "high": 9}
    boosted = estimator == "lightgbm"
    outcome = trained(
        tmp_path,
        task,
        200,
        estimator={"name": estimator, "parameters": {"n_estimators": 10} if boosted else {}},
        search={"trials": 3, "space": {"num_leaves": leaves} if boosted else {"alpha": alpha}},
    )
    store = open_store(tmp_path / "store")
    written = json.loads((store.files("made", 1) / "report.json").read_text())
    assert written["scores"][written["metric"]]["test"]["low"] < written["scores"][written["metric"]]["test"]["high"]
    assert (written["diagnosis"]["capacity"] is not None) == ("Capacity" in titles)
    for title in titles:
        assert f"<h2>{title}" in outcome.report
    assert ("<h2>Capacity" in outcome.report) == ("Capacity" in titles)
    assert not re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?http", outcome.report), "a report needs no network"


def test_what_is_not_asked_for_is_not_fitted(tmp_path: Path) -> None:
    outcome = trained(tmp_path, "regression", 100, diagnosis=NO_DIAGNOSIS)
    for title in ("Capacity", "Learning curve", "Bias and variance", "Validation", "Features", "Partial", "Nested"):
        assert f"<h2>{title}" not in outcome.report


def test_the_report_tells_what_the_model_goes_by_and_whom_it_fails(tmp_path: Path) -> None:
    outcome = trained(tmp_path, "regression", 400, diagnosis=NO_DIAGNOSIS | {"shuffles": 1})
    written = json.loads((open_store(tmp_path / "store").files("made", 1) / "report.json").read_text())["diagnosis"]
    assert written["importance"][0]["name"] == written["gain"][0]["column"] == "size"
    along = next(one for one in written["dependence"] if one["column"] == "size")
    assert along["mean"][-1] - along["mean"][0] > 3, "the value is three times the size"
    colours = dict(written["segments"])["colour"]
    assert {one["name"] for one in colours} == {"red", "green", "blue"}
    assert sum(one["rows"] for one in colours) == 80
    assert abs(written["residuals"]["mean"]["value"]) < 0.5
    for title in ("Features", "Partial dependence", "Residuals", "Segments: rmse by colour"):
        assert f"<h2>{title}" in outcome.report


def test_a_nested_search_tells_how_much_too_good_the_best_of_many_is(tmp_path: Path) -> None:
    space = {"alpha": {"low": 0.01, "high": 100, "log": True}}
    outcome = trained(
        tmp_path,
        "regression",
        200,
        diagnosis=NO_DIAGNOSIS | {"nested": True},
        search={"trials": 3, "space": space},
        estimator={"name": "Ridge"},
    )
    assert said_of(outcome, "Nested cross-validation: on rows that no search saw")
    written = json.loads((open_store(tmp_path / "store").files("made", 1) / "report.json").read_text())["diagnosis"]
    folds = written["nested"]["folds"]
    assert len(folds) == 3
    optimism = sum(fold["kept"] - fold["promised"] for fold in folds) / 3  # of an error: more is worse
    assert written["nested"]["optimism"] == pytest.approx(optimism)


def test_a_nested_search_by_time_sees_the_folds_before_the_one_that_it_is_judged_on(tmp_path: Path) -> None:
    said = {
        "time": "day",
        "split": {"folds": 5},
        "search": {"trials": 2, "space": {"alpha": {"low": 0.01, "high": 100, "log": True}}},
        "estimator": {"name": "Ridge"},
        "diagnosis": NO_DIAGNOSIS | {"nested": True},
    }
    trained(tmp_path, "regression", 200, **said)
    written = json.loads((open_store(tmp_path / "store").files("made", 1) / "report.json").read_text())["diagnosis"]
    assert len(written["nested"]["folds"]) == 3
    with pytest.raises(DataError, match="of 3 folds by time 1 have 2 before them"):
        trained(tmp_path / "less", "regression", 200, **said | {"split": {"folds": 3}})


def test_a_nested_search_without_a_search_is_refused() -> None:
    with pytest.raises(RecipeError, match="it needs the key search"):
        recipe_of("regression", diagnosis={"nested": True})
