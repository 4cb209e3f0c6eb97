"""The bounds are those of the literature."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_trainer.judge.bounds import difference, distance, quantile, uncertainty, wilson

NUMBERS = st.lists(st.integers(-5, 5), min_size=1, max_size=30)


def test_interval_of_a_proportion_is_wilsons() -> None:
    # Newcombe 1998 (the first of his two papers), 81 of 263, two-sided 95 %.
    assert wilson(81, 263, 0.975) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 500, 0.95) == pytest.approx((0, 0.0054), abs=5e-5)
    assert wilson(0, 0, 0.95) == (0, 1)


def test_interval_of_a_difference_is_newcombes() -> None:
    # Newcombe 1998, table II, method 10: 56 of 70 against 48 of 80, and 10 of 10 against 0 of 10, two-sided 95 %.
    assert difference(56, 70, 48, 80, 0.975) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert difference(10, 10, 0, 10, 0.975) == pytest.approx((0.6075, 1.0), abs=5e-5)


@given(NUMBERS, NUMBERS)
def test_distance_of_histograms_is_that_of_kolmogorov_and_smirnov(some: list[int], others: list[int]) -> None:
    found = distance(Counter(some), Counter(others))
    apart = [np.mean(np.array(some) <= point) - np.mean(np.array(others) <= point) for point in range(-5, 6)]
    assert found == pytest.approx(np.abs(apart).max())


@given(st.lists(st.integers(1, 9), min_size=1), st.floats(0.01, 1.0))
def test_quantile_is_the_least_end_that_reaches_the_share(numbers: list[int], share: float) -> None:
    found = quantile({float(end): count for end, count in Counter(numbers).items()}, share)
    assert found == np.quantile(numbers, share, method="inverted_cdf")


def test_more_trials_leave_less_doubt_about_a_distribution() -> None:
    assert uncertainty(500, 0.99) == pytest.approx(0.0728, abs=5e-5)
    assert uncertainty(0, 0.99) > 1
