"""Numbers as LightGBM writes them: checked, counted and read, one key of many trees at once.

LightGBM reads some keys number by number without looking how many there are or where a number ends, and ends the whole
process over what is none in others. So a line is taken only as its writer makes it: single spaces between numbers that
are ``-12`` where whole, else ``-1.25e-07``, ``inf`` or ``nan``.
"""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.trees.errors import Broken

Ints = npt.NDArray[np.int64]

MOST_INT = (1 << 31) - 1
"""Beyond it, LightGBM's numbers wrap around."""

DIGIT, MINUS, PLUS, DOT, EXPONENT, SPACE, NEWLINE = range(1, 8)
CODES = bytes(
    {b"-": MINUS, b"+": PLUS, b".": DOT, b"e": EXPONENT, b" ": SPACE, b"\n": NEWLINE}.get(
        bytes([byte]), DIGIT if bytes([byte]).isdigit() else 0
    )
    for byte in range(256)
)
"""What each byte is; 0 for what no number has."""

WHOLE, REAL = re.compile(rb"-?\d+"), re.compile(rb"-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf|nan)")
NOT_FINITE = re.compile(rb"(?<![^ \n])-?(?:inf|nan)(?![^ \n])")

BEGINS = (DIGIT, MINUS)
WHOLE_FOLLOWS = {DIGIT: (DIGIT, SPACE, NEWLINE), MINUS: (DIGIT,), SPACE: BEGINS, NEWLINE: (*BEGINS, NEWLINE)}
REAL_FOLLOWS = {
    **WHOLE_FOLLOWS,
    DIGIT: (DIGIT, DOT, EXPONENT, SPACE, NEWLINE),
    PLUS: (DIGIT,),
    DOT: (DIGIT,),
    EXPONENT: (DIGIT, MINUS, PLUS),
}
"""What may come after what."""

TWICE = b"..", b"ee", b"e."
"""What a number has not, where nothing is left of it but dots and exponents."""


def whole(key: str, lines: Sequence[bytes], counts: Ints, first: int, most: int = MOST_INT) -> Ints:
    """The numbers of a key, line after line, of trees of which ``first`` is the first. Each line has so many.

    Raises `Broken` for what is no whole number, or of more than ``most``, and for other counts.
    """
    text = _text(lines)
    if not _follow(text, WHOLE_PAIRS):
        raise _wrong(key, lines, first, WHOLE, "whole numbers with single spaces between them")
    _check_counts(key, lines, counts, first)
    # NumPy takes a text of no numbers for a 0.
    numbers: Ints = np.fromstring(text, np.int64, sep=" ") if counts.any() else np.zeros(0, np.int64)
    wrong = np.flatnonzero((numbers > most) | (numbers < -most))  # beyond 64 bits they come out as the largest
    if wrong.size:
        tree = first + int(np.searchsorted(np.cumsum(counts), wrong[0], side="right"))
        raise Broken(f"tree {tree}: {key} holds {numbers[wrong[0]]}, expected {-most} to {most}")
    return numbers


def check_reals(key: str, lines: Sequence[bytes], counts: Ints, first: int) -> None:
    """Raises `Broken` for what is no number, and for other counts."""
    text = _text(lines)
    plain = NOT_FINITE.sub(b"0", text) if b"n" in text else text
    marks = plain.translate(None, b"0123456789+-")
    if not _follow(plain, REAL_PAIRS) or any(twice in marks for twice in TWICE):
        raise _wrong(key, lines, first, REAL, "numbers with single spaces between them")
    _check_counts(key, lines, counts, first)


def reals(key: str, lines: Sequence[bytes], counts: Ints, first: int) -> npt.NDArray[np.float64]:
    """The numbers of a key. Raises `Broken`, as `check_reals` does."""
    check_reals(key, lines, counts, first)
    return np.fromstring(_text(lines), np.float64, sep=" ") if counts.any() else np.zeros(0)


def _text(lines: Sequence[bytes]) -> bytes:
    return b"\n".join((b"", *lines, b""))


def _pairs(follows: dict[int, tuple[int, ...]]) -> npt.NDArray[np.bool_]:
    """[64] whether one may follow the other, the first one in the higher bits."""
    allowed = np.zeros(64, np.bool_)
    for before, behind in follows.items():
        allowed[[before << 3 | one for one in behind]] = True
    return allowed


WHOLE_PAIRS, REAL_PAIRS = _pairs(WHOLE_FOLLOWS), _pairs(REAL_FOLLOWS)


def _follow(text: bytes, pairs: npt.NDArray[np.bool_]) -> bool:
    codes = np.frombuffer(text.translate(CODES), np.uint8)
    return bool(pairs[codes[:-1] << 3 | codes[1:]].all())


def _check_counts(key: str, lines: Sequence[bytes], counts: Ints, first: int) -> None:
    found = np.array([line.count(b" ") + bool(line) for line in lines], np.int64)
    wrong = np.flatnonzero(found != counts)
    if wrong.size:
        tree = wrong[0]
        raise Broken(f"tree {first + tree}: {key} has {found[tree]} numbers, expected {counts[tree]}")


def _wrong(key: str, lines: Sequence[bytes], first: int, number: re.Pattern[bytes], expected: str) -> Broken:
    """The first one that is no number."""
    words = ((tree, word) for tree, line in enumerate(lines) if line for word in line.split(b" "))
    tree, word = next((tree, word) for tree, word in words if not number.fullmatch(word))
    return Broken(f"tree {first + tree}: {key} holds {word[:40]!r}, expected {expected}")
