"""A search that was cut off goes on where it was, and a journal never lends trials to another search."""

from pathlib import Path
from typing import Any

import pytest

from hotshelf_store import Store, open_store
from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.outcome import Outcome
from hotshelf_trainer.recipes import RegressionRecipe
from hotshelf_trainer.run import Run
from hotshelf_trainer.tabular.pipeline import train
from hotshelf_trainer.training import train as train_any
from tests.fakes.progress import Cut, Heard
from tests.unit.trainer.tabular.tables import recipe_of, table


def search_of(trials: int) -> dict[str, Any]:
    return {"trials": trials, "space": {"num_leaves": {"low": 2, "high": 15, "whole": True}}}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "store").mkdir()
    return open_store(tmp_path / "store")


def trained(store: Store, folder: Path, heard: Heard, trials: int = 5, **said: Any) -> Outcome:
    table(200).write_parquet(folder / "table.parquet")
    recipe = recipe_of("regression", data={"path": str(folder / "table.parquet")}, search=search_of(trials), **said)
    return train(recipe, store, "made", heard, Run(study=folder / "study.journal"))


def test_a_search_that_was_cut_off_goes_on_where_it_was(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Cut):
        trained(store, tmp_path, Heard(cut_at=0.5))
    heard = Heard()
    outcome = trained(store, tmp_path, heard)
    assert any(line.startswith("3 trials of this search are in ") for line in heard.lines), heard.lines
    assert "5 sets of hyperparameters were tried" in outcome.findings[0]


def test_a_larger_budget_goes_on_with_what_a_smaller_one_tried(store: Store, tmp_path: Path) -> None:
    trained(store, tmp_path, Heard(), trials=2)
    heard = Heard()
    outcome = trained(store, tmp_path, heard, trials=4)
    assert any(line.startswith("3 trials of this search") for line in heard.lines)
    assert "4 sets of hyperparameters were tried" in outcome.findings[0]


def test_a_recipe_that_scores_otherwise_begins_anew(store: Store, tmp_path: Path) -> None:
    trained(store, tmp_path, Heard(), trials=2)
    heard = Heard()
    trained(store, tmp_path, heard, trials=2, metric="mae")
    assert not any("trials of this search" in line for line in heard.lines)


def test_a_study_without_a_search_is_refused(store: Store, tmp_path: Path) -> None:
    table(200).write_parquet(tmp_path / "table.parquet")
    recipe = recipe_of("regression", data={"path": str(tmp_path / "table.parquet")})
    assert isinstance(recipe, RegressionRecipe)
    with pytest.raises(RecipeError, match="add the key search"):
        train_any(recipe, store, "made", Heard(), Run(study=tmp_path / "study.journal"))
