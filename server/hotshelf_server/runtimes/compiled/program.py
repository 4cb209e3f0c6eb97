"""An estimator's methods as compiled steps, proved before they are used, with the estimator for all other rows."""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.compiled.heads import Head, heads_of
from hotshelf_server.runtimes.compiled.steps import Step, fills, keeps_columns_apart, step_of

log = logging.getLogger(__name__)

SIZES = (1, 2, 7, 64, 300)
"""Rows of the proofs: BLAS computes few rows otherwise than many."""

DTYPES = (np.dtype(np.float32), np.dtype(np.float64))
MAGNITUDES = (1.0, 1e-3, 30.0, 0.0, 1e4, 1.0, 1e-12)


class Program:
    """One method of an estimator. Thread-safe."""

    def __init__(
        self, fill: Step | None, steps: Sequence[Step], head: Head | None, features: int, *, row_by_row: bool
    ) -> None:
        """``row_by_row``: see `core.interfaces.RowByRow`."""
        self.row_by_row = row_by_row
        self._fill = fill
        self._steps = tuple(steps)
        self._head = head
        self.features = features
        self.dtypes: frozenset[np.dtype[Any]] = frozenset(DTYPES)
        """Of rows that it takes."""

    def __call__(self, rows: Any) -> Array | None:
        """What the method gives for rows [n, features]; None for those that are left to the estimator: others than
        float32 and float64, none, and such as aren't finite, or don't stay so."""
        if not isinstance(rows, np.ndarray) or rows.dtype not in self.dtypes or rows.shape[1:] != (self.features,):
            return None
        if not len(rows):
            return None
        rows = rows.copy()  # what came in belongs to the caller
        if self._fill is not None:
            rows = self._fill(rows)
        for step in self._steps:
            rows = step(rows)
        # None of the steps makes something finite of what isn't; and what has become infinite the estimator refuses.
        if not math.isfinite(rows.sum()):
            return None
        return rows if self._head is None else self._head(rows)


def compile_estimator(estimator: Any, methods: Sequence[str]) -> Mapping[str, Program]:
    """A program for each method that is known here, and gives the estimator's own answers to the last bit."""
    try:
        programs = {method: program for method in methods if (program := _program(estimator, method)) is not None}
        for method, program in programs.items():
            expected = getattr(estimator, method)
            program.dtypes = frozenset(dtype for dtype in DTYPES if _is_right(program, expected, dtype))
    except Exception:  # an estimator of another release may look otherwise: it is served as it is
        log.debug("%s is not compiled", type(estimator).__name__, exc_info=True)
        return {}
    return {method: program for method, program in programs.items() if program.dtypes}


def _program(estimator: Any, method: str) -> Program | None:
    *transformers, last = _parts(estimator)
    if method == "transform":
        transformers, head = [*transformers, last], None
    elif (head := heads_of(last).get(method)) is None:
        return None
    steps = [step_of(one) for one in transformers]
    known = [step for step in steps if step is not None]
    features = getattr(estimator, "n_features_in_", None)
    if len(known) < len(steps) or not isinstance(features, int) or not (known or head):
        return None
    if getattr(estimator, "feature_names_in_", None) is not None:  # it wants rows with names
        return None
    first = bool(transformers) and fills(transformers[0])
    # BLAS, behind projections and heads, sums up few rows in another order than many.
    row_by_row = head is None and all(keeps_columns_apart(one) for one in transformers)
    return Program(known[0] if first else None, known[first:], head, features, row_by_row=row_by_row)


def _parts(estimator: Any) -> list[Any]:
    """The steps of a pipeline, without those that do nothing."""
    if f"{type(estimator).__module__}.{type(estimator).__qualname__}" != "sklearn.pipeline.Pipeline":
        return [estimator]
    parts = [part for _, step in estimator.steps if step not in (None, "passthrough") for part in _parts(step)]
    return parts or [estimator]


def _is_right(program: Program, method: Callable[[Array], Any], dtype: np.dtype[Any]) -> bool:
    """Whether both give the same bits, for rows of a dtype."""
    for size in SIZES:
        rows = trial_rows(size, program.features, dtype)
        with np.errstate(all="ignore"):
            found, expected = program(rows), np.asarray(method(rows.copy()))
        if found is None or (found.dtype, found.shape) != (expected.dtype, expected.shape):
            return False
        if found.dtype.hasobject or found.tobytes() != expected.tobytes():
            return False
    return True


def trial_rows(count: int, features: int, dtype: np.dtype[Any]) -> Array:
    """[count, features] numbers without order, of several magnitudes; the same every time."""
    places = np.arange(count * features, dtype=np.float64).reshape(count, features)
    scales = np.resize(MAGNITUDES, count).reshape(-1, 1)
    found: Array = (np.sin(places * 12.9898) * scales).astype(dtype)
    return found
