"""Numbers as LightGBM writes them: checked, counted and read, one key of many trees at once.

LightGBM reads some keys number by number without looking how many there are or where a number ends, and ends the whole
process over what is none in others. So a line is taken only as its writer makes it: single spaces between numbers that
are ``-12`` where whole, else ``-1.25e-07``, ``inf`` or ``nan``.
"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.trees.errors import Broken
from hotshelf_server.runtimes.trees.shape import tree_of

Ints = npt.NDArray[np.int64]

MOST_INT = (1 << 31) - 1
"""Beyond it, LightGBM's numbers wrap around."""

WHOLE, REAL = rb"-?\d++", rb"-?(?:\d++(?:\.\d++)?(?:e[+-]?\d++)?|inf|nan)"


def _line(number: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?:" + number + rb"(?: " + number + rb")*+)?")


WHOLES, REALS = _line(WHOLE), _line(REAL)


def whole(key: str, lines: Sequence[bytes], counts: Ints, first: int, most: int = MOST_INT) -> Ints:
    """The numbers of a key, line after line, of trees of which ``first`` is the first. Each line has so many.

    Raises `Broken` for what is no whole number, or of more than ``most``, and for other counts.
    """
    if not all(map(WHOLES.fullmatch, lines)):
        raise _wrong(key, lines, first, WHOLE, "whole numbers with single spaces between them")
    _check_counts(key, lines, counts, first)
    numbers: Ints = _read(lines, counts, np.dtype(np.int64))
    wrong = np.flatnonzero((numbers > most) | (numbers < -most))  # beyond 64 bits they come out as the largest
    if wrong.size:
        tree = first + tree_of(counts, int(wrong[0]))
        raise Broken(f"tree {tree}: {key} holds {numbers[wrong[0]]}, expected {-most} to {most}")
    return numbers


def check_reals(key: str, lines: Sequence[bytes], counts: Ints, first: int) -> None:
    """Raises `Broken` for what is no number, and for other counts."""
    if not all(map(REALS.fullmatch, lines)):
        raise _wrong(key, lines, first, REAL, "numbers with single spaces between them")
    _check_counts(key, lines, counts, first)


def reals(key: str, lines: Sequence[bytes], counts: Ints, first: int) -> npt.NDArray[np.float64]:
    """The numbers of a key. Raises `Broken`, as `check_reals` does."""
    check_reals(key, lines, counts, first)
    return _read(lines, counts, np.dtype(np.float64))


def _read(lines: Sequence[bytes], counts: Ints, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    # NumPy takes a text of no numbers for a 0.
    return np.fromstring(b"\n".join(lines), dtype, sep=" ") if counts.any() else np.zeros(0, dtype)


def _check_counts(key: str, lines: Sequence[bytes], counts: Ints, first: int) -> None:
    found = np.array([line.count(b" ") + bool(line) for line in lines], np.int64)
    wrong = np.flatnonzero(found != counts)
    if wrong.size:
        tree = wrong[0]
        raise Broken(f"tree {first + tree}: {key} has {found[tree]} numbers, expected {counts[tree]}")


def _wrong(key: str, lines: Sequence[bytes], first: int, number: bytes, expected: str) -> Broken:
    """The first one that is no number."""
    words = ((tree, word) for tree, line in enumerate(lines) if line for word in line.split(b" "))
    tree, word = next((tree, word) for tree, word in words if not re.fullmatch(number, word))
    return Broken(f"tree {first + tree}: {key} holds {word[:40]!r}, expected {expected}")
