from collections.abc import Sequence

import numpy as np
import pytest

from hotshelf_trainer.diagnosis.importance import dependence, gains, grid_of, permuted
from hotshelf_trainer.diagnosis.metrics import metric_of
from hotshelf_trainer.diagnosis.sample import Doubles, Indices, Sample
from hotshelf_trainer.errors import DataError

TABLE = np.random.default_rng(0).normal(size=(400, 3))
NAMES = ("a", "b", "c")


def law(table: Doubles) -> Doubles:
    return np.asarray(3 * table[:, 0] + table[:, 1])


def shuffle(columns: Sequence[str], rows: Indices, rng: np.random.Generator) -> Doubles:
    table, order = TABLE[rows].copy(), rng.permutation(len(rows))
    for column in columns:
        table[:, NAMES.index(column)] = table[order, NAMES.index(column)]
    return law(table)


def fixed(column: str, value: float | str, rows: Indices) -> Doubles:
    table = TABLE[rows].copy()
    table[:, NAMES.index(column)] = value
    return law(table)


def test_what_the_model_goes_by_is_found_in_order_and_what_it_ignores_is_nothing() -> None:
    rows = np.arange(400)
    sample = Sample(law(TABLE), law(TABLE), rows)
    columns = {"both": ("a", "b"), **{name: (name,) for name in NAMES}}
    found = permuted(metric_of("regression", "rmse"), sample, rows, columns, shuffle=shuffle)
    assert [one.name for one in found] == ["both", "a", "b", "c"]
    assert [one.loss.excludes_zero for one in found] == [True, True, True, False]
    # Two independent draws of 3 a differ by 3 sqrt(2).
    assert found[1].loss.value == pytest.approx(3 * 2**0.5, rel=0.1)
    with pytest.raises(DataError, match="0 repeats"):
        permuted(metric_of("regression", "rmse"), sample, rows, columns, shuffle=shuffle, repeats=0)


def test_gains_are_shares_most_first_and_none_without_a_split() -> None:
    assert [(one.column, one.share) for one in gains(NAMES, (1, 3, 0))] == [("b", 0.75), ("a", 0.25), ("c", 0)]
    assert [one.share for one in gains(NAMES, (0, 0, 0))] == [0, 0, 0]


def test_the_dependence_on_a_column_of_a_linear_law_is_its_line() -> None:
    rows = np.arange(400)
    grid = grid_of(TABLE[:, 0], 5)
    found = dependence("a", grid, rows, fixed)
    slopes = np.diff(found.mean) / np.diff(grid)
    assert slopes == pytest.approx(3)
    assert all(low < mean < high for low, mean, high in zip(found.low, found.mean, found.high, strict=True))


def test_a_grid_needs_finite_values() -> None:
    with pytest.raises(DataError, match="no finite value"):
        grid_of(np.array([np.nan]))
