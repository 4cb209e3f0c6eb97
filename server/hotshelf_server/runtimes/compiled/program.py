"""An estimator's methods as compiled steps, proved before they are used, with the estimator for all other rows."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.compiled.forests import forest_heads_of
from hotshelf_server.runtimes.compiled.head import Head, is_finite
from hotshelf_server.runtimes.compiled.heads import heads_of
from hotshelf_server.runtimes.compiled.proof import Method, holds, holds_on, in_order
from hotshelf_server.runtimes.compiled.steps import Step, fills, keeps_columns_apart, step_of

log = logging.getLogger(__name__)

DTYPES = (np.dtype(np.float32), np.dtype(np.float64))


class Program:
    """One method of an estimator. Thread-safe."""

    def __init__(
        self, fill: Step | None, steps: Sequence[Step], head: Head | None, features: int, *, row_by_row: bool
    ) -> None:
        """``row_by_row``: see `core.interfaces.RowByRow`."""
        self.row_by_row = row_by_row
        self._fill = fill
        self._steps = tuple(steps)
        self._compute = None if head is None else head.compute
        self._takes = is_finite if head is None or fill is not None or steps else head.takes
        self.features = features
        self.dtypes: frozenset[np.dtype[Any]] = frozenset(DTYPES)
        """Of rows that it takes."""

    def __call__(self, rows: Any) -> Array | None:
        """What the method gives for rows [n, features]; None for those that are left to the estimator: others than
        float32 and float64, none, and such as aren't finite, or don't stay so, but where the estimator takes them."""
        if not isinstance(rows, np.ndarray) or rows.dtype not in self.dtypes or rows.shape[1:] != (self.features,):
            return None
        if not len(rows):
            return None
        if self._steps or self._fill is not None:
            rows = self._step_through(rows.copy())  # what came in belongs to the caller
        # None of the steps makes something finite of what isn't; and what has become infinite the estimator refuses.
        if not self._takes(rows):
            return None
        return rows if self._compute is None else self._compute(rows)

    def _step_through(self, rows: Array) -> Array:
        if self._fill is not None:
            rows = self._fill(rows)
        for step in self._steps:
            rows = step(rows)
        return rows


def compile_estimator(estimator: Any, methods: Sequence[str]) -> Mapping[str, Program]:
    """A program for each method that is known here, and gives the estimator's own answers to the last bit."""
    try:
        if getattr(estimator, "feature_names_in_", None) is not None:  # it wants rows with names
            return {}
        programs = _programs(in_order(estimator), methods)
    except Exception:  # an estimator of another release may look otherwise: it is served as it is
        log.debug("%s is not compiled", type(estimator).__name__, exc_info=True)
        return {}
    return {method: program for method, program in programs.items() if program.dtypes}


def _programs(estimator: Any, methods: Sequence[str]) -> Mapping[str, Program]:
    *before, last = _parts(estimator)
    if any(step_of(one) is None for one in before):
        return {}
    heads = {**heads_of(last), **forest_heads_of(last)}
    found = {}
    for method in methods:
        through, head = ([*before, last], None) if method == "transform" else (before, heads.get(method))
        if (program := _program(through, head, estimator.n_features_in_)) is not None:
            expected = getattr(estimator, method), getattr(last, method)
            program.dtypes = frozenset(dtype for dtype in DTYPES if _is_right(program, head, expected, dtype))
            found[method] = program
    return found


def _program(through: Sequence[Any], head: Head | None, features: int) -> Program | None:
    steps = [step_of(one) for one in through]
    known = [step for step in steps if step is not None]
    if len(known) < len(steps) or not (known or head):
        return None
    first = bool(through) and fills(through[0])
    # BLAS, behind projections and heads, sums up few rows in another order than many.
    row_by_row = head is None and all(keeps_columns_apart(one) for one in through)
    return Program(known[0] if first else None, known[first:], head, features, row_by_row=row_by_row)


def _is_right(program: Program, head: Head | None, expected: tuple[Method, Method], dtype: np.dtype[Any]) -> bool:
    """Whether it gives what the whole estimator does, and its head what the last step does: the rows that tell a head
    from that step are made for it, and not for the steps before it."""
    whole, last = expected
    if head is None or head.trial is None:
        return holds(program, whole, program.features, dtype)
    return holds_on(head.trial, head.compute, last, dtype) and (
        whole == last or holds(program, whole, program.features, dtype)
    )


def _parts(estimator: Any) -> list[Any]:
    """The steps of a pipeline, without those that do nothing."""
    if f"{type(estimator).__module__}.{type(estimator).__qualname__}" != "sklearn.pipeline.Pipeline":
        return [estimator]
    parts = [part for _, step in estimator.steps if step not in (None, "passthrough") for part in _parts(step)]
    return parts or [estimator]
