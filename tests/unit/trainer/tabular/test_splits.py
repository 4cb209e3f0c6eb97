"""No row is foretold by one that it taught; time runs forward, and groups stay together."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotshelf_trainer.errors import DataError, RecipeError
from hotshelf_trainer.table.roles import roles_of
from hotshelf_trainer.tabular.examples import Examples, examples_of
from hotshelf_trainer.tabular.splits import Split, split
from tests.unit.trainer.tabular.tables import recipe_of, table


def split_of(task: str = "classification", rows: int = 200, seed: int = 0, **said: Any) -> tuple[Examples, Split]:
    recipe = recipe_of(task, seed=seed, **said)
    made = table(rows, seed)
    examples = examples_of(made, roles_of(made, recipe), recipe)
    return examples, split(examples, recipe)


KINDS: dict[str, dict[str, Any]] = {
    "time": {"time": "day"},
    "group": {"group": "customer"},
    "stratified": {},
    "stratified_group": {"group": "customer", "split": {"kind": "stratified_group", "folds": 3}},
    "random": {"split": {"kind": "random", "folds": 3}},
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(rows=st.integers(100, 300), seed=st.integers(0, 99))
def test_learning_test_and_folds_are_apart_in_every_kind(kind: str, rows: int, seed: int) -> None:
    examples, parts = split_of(rows=rows, seed=seed, **KINDS[kind])
    assert parts.kind == kind
    assert len(np.intersect1d(parts.learning, parts.test)) == 0
    assert len(parts.learning) + len(parts.test) == len(examples)
    for fold in parts.folds:
        assert len(np.intersect1d(fold.train, fold.held_out)) == 0
        assert np.isin(np.concatenate([fold.train, fold.held_out]), parts.learning).all()
        if examples.time is not None:
            assert examples.time[fold.train].max() < examples.time[fold.held_out].min()
        if "group" in kind:
            assert not np.intersect1d(examples.groups[fold.train], examples.groups[fold.held_out]).size
    if examples.time is not None:
        assert examples.time[parts.learning].max() < examples.time[parts.test].min()
    if "group" in kind:
        assert not np.intersect1d(examples.groups[parts.learning], examples.groups[parts.test]).size


@pytest.mark.parametrize("kind", ["group", "stratified", "random"])
def test_each_learning_row_is_foretold_once_where_there_is_no_time(kind: str) -> None:
    _, parts = split_of(**KINDS[kind])
    foretold = np.concatenate([fold.held_out for fold in parts.folds])
    assert np.array_equal(np.sort(foretold), parts.learning)


def test_a_rolling_origin_teaches_with_ever_more_of_the_past() -> None:
    _, parts = split_of(time="day")
    sizes = [len(fold.train) for fold in parts.folds]
    assert len(sizes) == 3
    assert sizes == sorted(sizes)


def test_a_random_split_of_dated_rows_is_refused_unless_allowed() -> None:
    with pytest.raises(RecipeError, match=r"lets rows of the future teach.*set split\.allow_random: true"):
        recipe_of("classification", time="day", split={"kind": "random"})
    recipe_of("classification", time="day", split={"kind": "random", "allow_random": True})


@pytest.mark.parametrize(
    ("said", "rows", "words"),
    [
        ({}, 6, "6 rows, expected at least 8"),
        ({"time": "day"}, 12, "3 distinct times, expected at least 5"),
        ({"group": "customer"}, 20, "groups, expected at least 8"),
    ],
)
def test_too_little_of_what_is_split_is_named(said: dict[str, Any], rows: int, words: str) -> None:
    with pytest.raises(DataError, match=words):
        split_of("regression", rows=rows, **said)


def test_a_class_of_too_few_rows_is_named() -> None:
    made = table(60).with_columns(kind=np.where(np.arange(60) < 2, "rare", "common"))
    recipe = recipe_of("classification")
    with pytest.raises(DataError, match="class 'rare' has 2 rows, expected at least 4"):
        split(examples_of(made, roles_of(made, recipe), recipe), recipe)
