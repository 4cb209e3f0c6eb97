"""Holds compiled methods to the estimator's own answers, to the last bit."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.compiled.head import Compute, Trial

SIZES = (1, 2, 7, 64, 300)
"""Rows of the proofs: BLAS computes few rows otherwise than many, and so does the tree engine."""

MANY = 1000
"""Rows of a trial that was made for a head, at most."""

MAGNITUDES = (1.0, 1e-3, 30.0, 0.0, 1e4, 1.0, 1e-12)

Method = Callable[[Array], Any]


def in_order(estimator: Any) -> Any:
    """The same estimator, a forest of which adds up its trees on one thread: several add them as they are done, and so
    give other last bits from call to call."""
    if hasattr(estimator, "steps"):
        estimator = copy.copy(estimator)
        estimator.steps = [(name, in_order(step)) for name, step in estimator.steps]
    elif type(estimator).__module__ == "sklearn.ensemble._forest" and estimator.n_jobs not in (None, 1):
        estimator = copy.copy(estimator)
        estimator.n_jobs = None
    return estimator


def holds(compute: Compute, method: Method, features: int, dtype: np.dtype[Any]) -> bool:
    """Whether both give the same bits, for rows of a dtype."""
    return all(_is_same(compute, method, trial_rows(size, features, dtype)) for size in SIZES)


def holds_on(trial: Trial, compute: Compute, method: Method, dtype: np.dtype[Any]) -> bool:
    """The same for rows that were made to tell the two apart."""
    with np.errstate(over="ignore"):
        rows = trial(max(SIZES), MANY).astype(dtype)
    return all(_is_same(compute, method, rows[-size:]) for size in (*SIZES, len(rows)))


def _is_same(compute: Compute, method: Method, rows: Array) -> bool:
    with np.errstate(all="ignore"):
        found, expected = compute(rows), np.asarray(method(rows.copy()))
    if found is None or (found.dtype, found.shape) != (expected.dtype, expected.shape):
        return False
    return not found.dtype.hasobject and found.tobytes() == expected.tobytes()


def trial_rows(count: int, features: int, dtype: np.dtype[Any]) -> Array:
    """[count, features] numbers without order, of several magnitudes; the same every time."""
    places = np.arange(count * features, dtype=np.float64).reshape(count, features)
    scales = np.resize(MAGNITUDES, count).reshape(-1, 1)
    found: Array = (np.sin(places * 12.9898) * scales).astype(dtype)
    return found
