"""Rows are drawn, shuffled and planted as it is said, whatever table they come from."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotshelf_trainer.unsupervised.subject import planted, shuffled
from tests.unit.trainer.unsupervised.tables import subject_of, table


def frame(rows: int, columns: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    made = pd.DataFrame({f"number_{place}": rng.normal(size=rows) for place in range(columns)})
    return made.assign(word=pd.Series(rng.choice(["a", "b", ""], rows), dtype=object))


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 60), columns=st.integers(1, 7), seed=st.integers(0, 99))
def test_shuffling_keeps_the_values_of_every_column(rows: int, columns: int, seed: int) -> None:
    made = frame(rows, columns, seed)
    mixed = shuffled(made, np.random.default_rng(seed))
    for name in made.columns:
        assert sorted(made[name]) == sorted(mixed[name])
        assert made[name].dtype == mixed[name].dtype


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 60), columns=st.integers(1, 7), seed=st.integers(0, 99))
def test_planting_changes_a_third_of_each_row_at_most_within_what_is_known(rows: int, columns: int, seed: int) -> None:
    made = frame(rows, columns, seed)
    odd = planted(made, made, np.random.default_rng(seed))
    changed = (made.to_numpy() != odd.to_numpy()).sum(axis=1)
    assert changed.max() <= max(1, len(made.columns) // 3)
    numbers = [name for name in made.columns if name != "word"]
    assert (odd[numbers].max() <= made[numbers].max() + 1e-9).all()
    assert (odd[numbers].min() >= made[numbers].min() - 1e-9).all()
    assert set(odd["word"]) <= set(made["word"])


def test_missing_numbers_do_not_spoil_the_range_that_is_planted_from() -> None:
    known = pd.DataFrame({"x": [1.0, np.nan, 3.0]})
    odd = planted(known, known, np.random.default_rng(0))
    assert odd["x"].between(1, 3).all()


@pytest.mark.parametrize("said", [{"time": "day"}, {"group": "customer"}, {}])
def test_learning_and_test_rows_are_apart_by_time_and_group(tmp_path: Path, said: dict[str, Any]) -> None:
    subject, _ = subject_of(tmp_path, "clustering", **said)
    rows = subject.rows
    assert len(np.intersect1d(subject.learning, subject.test)) == 0
    assert len(subject.learning) + len(subject.test) == len(rows)
    if rows.time is not None:
        assert rows.time[subject.learning].max() < rows.time[subject.test].min()
    if "group" in said:
        assert not np.intersect1d(rows.groups[subject.learning], rows.groups[subject.test]).size


def test_a_sample_is_bounded_in_order_and_always_the_same(tmp_path: Path) -> None:
    subject, _ = subject_of(tmp_path, "clustering", table(100))
    sampled = subject.sampled(subject.learning, 30)
    assert len(np.unique(sampled)) == 30
    assert np.array_equal(np.sort(sampled), sampled)
    assert np.array_equal(sampled, subject.sampled(subject.learning, 30))
    assert np.array_equal(subject.sampled(subject.learning, 1000), subject.learning)
