"""The distribution of a stream of numbers in bounded space: DDSketch.

Masson, Rim and Lee, "DDSketch: A fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019.
Numbers of both signs share one row of buckets, in the order of the numbers.
"""

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np

from hotshelf_server.core.types import Array

ACCURACY = 0.02
"""A bucket's middle is at most this part of a number away from every number in the bucket."""

GROWTH = (1 + ACCURACY) / (1 - ACCURACY)
OFFSET = 20_000
"""Larger than the power of `GROWTH` that any double needs, so that a bucket's sign is its numbers'."""

MAX_BUCKETS = 1_000
"""Enough for 17 decades of one sign."""

MAX_WAITING = 64
"""Arrays that are counted at a time."""

LARGEST = 1e300
"""Numbers of a larger size count as this."""


class Sketch:
    """Counts by bucket: 0 around zero, and ``sign · (power + OFFSET)`` up to ``GROWTH ** power`` in size.

    Beyond `MAX_BUCKETS` the buckets of the smallest sizes are merged into that of zero.
    """

    __slots__ = ("_counts", "_waiting")

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self._counts: Counter[int] = Counter(counts)
        self._waiting: list[Array] = []
        self._collapse()

    @property
    def buckets(self) -> dict[int, int]:
        """Counts by bucket, ascending."""
        self._settle()
        return dict(sorted(self._counts.items()))

    def add(self, values: Array) -> None:
        """Count floating-point numbers of any shape. Infinite ones count as `LARGEST`; NaN doesn't count.

        They are copied, and counted many at a time: NumPy's price is one of calls, not of numbers.
        """
        with np.errstate(invalid="ignore"):  # some of the many NaN are said to be no values
            self._waiting.append(values.astype(np.float64).ravel())
        if len(self._waiting) >= MAX_WAITING:
            self._settle()

    def __add__(self, other: "Sketch") -> "Sketch":
        """The sketch of both streams together."""
        self._settle()
        other._settle()
        return Sketch(self._counts + other._counts)

    def _settle(self) -> None:
        """Count what waits."""
        if not self._waiting:
            return
        numbers = np.concatenate(self._waiting)
        self._waiting.clear()
        numbers = np.clip(numbers[~np.isnan(numbers)], -LARGEST, LARGEST)
        sizes = np.abs(numbers)
        zero = sizes == 0
        powers = np.ceil(np.log(np.where(zero, 1.0, sizes)) / math.log(GROWTH)) + OFFSET
        keys, counts = np.unique((np.sign(numbers) * powers).astype(np.int64), return_counts=True)
        for key, count in zip(keys.tolist(), counts.tolist(), strict=True):
            self._counts[key] += count
        self._collapse()

    def _collapse(self) -> None:
        excess = len(self._counts) - MAX_BUCKETS
        if excess <= 0:
            return
        smallest = sorted(self._counts, key=abs)[: excess + 1]
        self._counts[0] = sum(self._counts.pop(key) for key in smallest)


def value_of(bucket: int) -> float:
    """The number that stands for a bucket."""
    if not bucket:
        return 0.0
    # 2 / (1 + 1 / g) of the lower end is equally far, in relation, from both ends.
    return math.copysign(2 * GROWTH ** (abs(bucket) - OFFSET) / (GROWTH + 1), bucket)
