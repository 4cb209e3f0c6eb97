"""The last step of a program: what an estimator's method makes of a matrix."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hotshelf_server.core.types import Array

Compute = Callable[[Array], Array | None]
"""From rows [n, features], n at least 1, which stay as they are; None for rows that are left to the estimator."""

Trial = Callable[[int, int], Array]


def is_finite(rows: Array) -> bool:
    """Whether all numbers are; a sum beyond the dtype's range says no, too."""
    return math.isfinite(rows.sum())


def may_miss(rows: Array) -> bool:
    """Whether there are numbers and NaN only."""
    return is_finite(rows) or not bool(np.isinf(rows).any())


def is_anything(rows: Array) -> bool:  # noqa: ARG001 - one of several such functions
    """For estimators that refuse no number."""
    return True


@dataclass(frozen=True, slots=True)
class Head:
    """``takes``: which rows, where no step comes before it; behind steps, only finite ones.

    ``trial``: gives at least and at most so many rows [count, features] of float64 on which it may differ from the
    estimator, all of which the estimator takes; none where any rows tell as much.
    """

    compute: Compute
    takes: Callable[[Array], bool] = is_finite
    trial: Trial | None = None
