"""The sketch keeps a distribution to 2 % in bounded space, whatever the numbers are."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.observability.sketch import ACCURACY, LARGEST, MAX_BUCKETS, Sketch, value_of

NUMBERS = st.lists(st.floats(-LARGEST, LARGEST, allow_subnormal=False), min_size=1, max_size=50)


def sketch(numbers: list[float]) -> Sketch:
    made = Sketch()
    made.add(np.array(numbers))
    return made


@given(NUMBERS)
def test_every_number_is_in_a_bucket_within_the_accuracy_and_buckets_keep_the_order(numbers: list[float]) -> None:
    buckets = [bucket for bucket, count in sketch(numbers).buckets.items() for _ in range(count)]
    for number, bucket in zip(sorted(numbers), buckets, strict=True):
        assert math.isclose(value_of(bucket), number, rel_tol=ACCURACY * (1 + 1e-6))


@given(NUMBERS, NUMBERS)
def test_two_sketches_add_up_to_that_of_all_numbers(some: list[float], others: list[float]) -> None:
    assert (sketch(some) + sketch(others)).buckets == sketch([*some, *others]).buckets


def test_beyond_the_bound_the_smallest_sizes_are_merged_and_nothing_is_lost() -> None:
    sizes = np.geomspace(1e-300, 1e300, 40_000)
    made = Sketch()
    made.add(np.concatenate([sizes, -sizes]))
    assert len(made.buckets) == MAX_BUCKETS
    assert sum(made.buckets.values()) == 80_000
    *_, largest = made.buckets
    assert value_of(largest) == pytest.approx(1e300, rel=ACCURACY * 1.01)


def test_infinite_numbers_count_as_the_largest_and_nan_does_not_count() -> None:
    buckets = sketch([math.inf, -math.inf, math.nan, 0.0]).buckets
    assert list(buckets.values()) == [1, 1, 1]
    assert buckets.keys() == sketch([LARGEST, -LARGEST, 0.0]).buckets.keys()


def test_any_float_of_any_shape_counts() -> None:
    made = Sketch()
    made.add(np.ones((2, 3), dtype=np.float16))
    made.add(np.ones(4, dtype=np.float32))
    assert list(made.buckets.values()) == [10]
