"""A histogram counts as Prometheus does: a bucket's bound is in it."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.observability.histogram import EXEMPLAR_SECONDS, Histogram

BOUNDS = (0.0, 1.0, 2.5)
OBSERVED = st.lists(st.one_of(st.sampled_from(BOUNDS), st.floats(-5, 5)))


@given(OBSERVED)
def test_each_bound_has_at_or_below_it_what_was_observed_there(values: list[float]) -> None:
    histogram = Histogram(BOUNDS)
    for value in values:
        histogram.add(value)
    expected = [sum(value <= bound for value in values) for bound in (*BOUNDS, float("inf"))]
    assert list(accumulate(histogram.counts)) == expected
    assert histogram.sum == pytest.approx(sum(values))


def test_an_observation_may_count_several_times() -> None:
    histogram = Histogram(BOUNDS)
    assert histogram.add(1.0, 3) == 1
    assert (histogram.counts, histogram.sum) == ([0, 3, 0, 0], 3.0)


def test_a_bucket_wants_an_exemplar_once_in_a_while_and_no_other_bucket_waits_for_it() -> None:
    histogram = Histogram(BOUNDS)
    assert histogram.wants_exemplar(0, 100.0)
    assert not histogram.wants_exemplar(0, 100.0 + EXEMPLAR_SECONDS / 2)
    assert histogram.wants_exemplar(3, 100.0)
    assert histogram.wants_exemplar(0, 100.0 + EXEMPLAR_SECONDS)


def test_a_copy_is_left_alone_by_what_comes_later() -> None:
    histogram = Histogram(BOUNDS)
    copied = histogram.copy()
    histogram.add(1.0)
    assert (copied.counts, copied.sum) == ([0, 0, 0, 0], 0.0)
