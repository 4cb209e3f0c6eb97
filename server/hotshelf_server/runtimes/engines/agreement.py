"""How far one engine's answers are from the library's."""

import math

import numpy as np

from hotshelf_server.core.types import Array, Tensors


class Agreement:
    """Of one engine, over batches each of which begins with the rows of the one before.

    ``tolerance``: the largest difference with which it may compute; None or 0: its answers must be equal to the last
    bit, in which zero and minus zero differ. ``known``: a difference that was found before; None where there was none.
    """

    def __init__(self, tolerance: float | None, known: float | None = None) -> None:
        self._tolerance = tolerance or 0.0
        self._before: Tensors = {}
        self._row_by_row = True
        self.exact = known is None
        """Whether all answers were the library's to the last bit."""
        self.difference = known or 0.0
        """The largest one so far."""

    @property
    def holds(self) -> bool:
        """Whether the engine may compute.

        One that isn't exact may only where a row's answer is the same to the last bit whatever rows come with it:
        then the answers of calls that are computed together are still those of single calls.
        """
        near = self._row_by_row and self._tolerance > 0.0 and self.difference <= self._tolerance
        return self.exact or near

    def compare(self, found: Tensors, expected: Tensors) -> None:
        """Take in the engine's answer for a batch, and the library's."""
        self._row_by_row &= all(
            name in found and same(found[name][: len(before)], before) for name, before in self._before.items()
        )
        self._before = found
        if found.keys() != expected.keys():
            self.exact, self.difference = False, math.inf
            return
        for name, right in expected.items():
            if not same(found[name], right):
                self.exact = False
                self.difference = max(self.difference, difference(found[name], right))


def same(found: Array, expected: Array) -> bool:
    """Whether a caller could not tell them apart. Texts are compared as such."""
    if found.dtype != expected.dtype or found.shape != expected.shape:
        return False
    if found.dtype.hasobject:
        return bool(found.tolist() == expected.tolist())
    return found.tobytes() == expected.tobytes()


def difference(found: Array, expected: Array) -> float:
    """The largest |a - b| / max(1, |b|) of floating numbers, where NaN equals NaN; of other elements infinity, where
    one differs, or where dtypes or shapes do."""
    if found.dtype != expected.dtype or found.shape != expected.shape:
        return math.inf
    if found.dtype.kind != "f":
        return 0.0 if same(found, expected) else math.inf
    a, b = found.astype(np.float64), expected.astype(np.float64)
    differ = ~((a == b) | (np.isnan(a) & np.isnan(b)))
    with np.errstate(invalid="ignore", over="ignore"):  # infinities, which are far from everything else
        ratios = np.abs(a - b)[differ] / np.maximum(1.0, np.abs(b))[differ]
    return float(np.where(np.isfinite(ratios), ratios, math.inf).max(initial=0.0))
