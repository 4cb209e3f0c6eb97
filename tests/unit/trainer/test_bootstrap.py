from dataclasses import astuple

import numpy as np
import pytest

from hotshelf_trainer.bootstrap import intervals
from hotshelf_trainer.recommendation.artifacts import Doubles, Interval


def interval(values: Doubles, resamples: int, seed: int) -> Interval:
    return intervals(values[:, None], resamples, seed)[0]


def test_intervals_cover_the_true_mean_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    found = [interval(rng.exponential(1.0, 150), 400, seed) for seed in range(300)]
    covered = np.mean([one.low <= 1 <= one.high for one in found])
    above = np.mean([one.bound <= 1 for one in found])
    assert 0.90 <= covered <= 0.98
    assert 0.91 <= above <= 0.99


def test_equal_seeds_give_equal_intervals() -> None:
    values = np.random.default_rng(1).random(50)
    assert interval(values, 200, 3) == interval(values, 200, 3)


def test_customers_with_nothing_to_find_are_left_out() -> None:
    assert interval(np.array([1.0, np.nan, 1.0]), 100, 0).mean == 1


def test_no_customer_at_all_is_an_error() -> None:
    with pytest.raises(ValueError, match="no customer"):
        interval(np.array([np.nan]), 100, 0)


def test_columns_share_their_resamples() -> None:
    one, other = np.random.default_rng(1).random((2, 50))
    together = intervals(np.column_stack([one, other, one - other]), 300, 3)
    for found, values in zip(together, (one, other, one - other), strict=True):
        assert astuple(found) == pytest.approx(astuple(interval(values, 300, 3)))


def test_means_are_those_of_the_drawn_customers() -> None:
    values = np.random.default_rng(1).random(20)
    drawn = np.random.default_rng(5).integers(0, 20, (100, 20))
    expected = np.quantile(values[drawn].mean(axis=1), (0.025, 0.975))
    found = interval(values, 100, 5)
    np.testing.assert_allclose((found.low, found.high), expected)
