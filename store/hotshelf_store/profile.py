"""How the columns that a version learned from were distributed: kept in its bundle, to be compared with others later.

PSI, the population stability index: the sum over bins of (p - q) ln(p / q), Jeffreys' divergence. By custom below 0.1
is little, above 0.25 much.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import log
from pathlib import Path
from typing import Literal

from hotshelf_store.errors import InvalidBundle

TRAINING_FILE = "training.json"
"""What later trainings and servers must know of a training, in a bundle: an object, with ``profile`` among others."""

OTHER, MISSING = "(other)", "(missing)"


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column as the training saw it."""

    kind: Literal["number", "category"]
    rows: int
    edges: tuple[float, ...]
    """Inner edges of a number's bins, which are its deciles; a value that equals an edge is in the bin below it."""
    shares: Mapping[str, float]
    """By bin ("0", "1", …) or category; ``(other)`` for the rare ones, ``(missing)`` for no value."""
    sample: tuple[float, ...]
    """Up to 2,000 finite values of a number."""


@dataclass(frozen=True, slots=True)
class Profile:
    """By column."""

    columns: Mapping[str, ColumnProfile]

    def to_json(self) -> str:
        """As text that ``from_json`` reads."""
        return json.dumps(asdict(self), allow_nan=False)

    def in_short(self) -> "Profile":
        """Without the samples, for whoever keeps many profiles in memory."""
        return Profile({name: replace(column, sample=()) for name, column in self.columns.items()})

    @staticmethod
    def from_json(text: str) -> "Profile":
        """Raises `InvalidBundle` where the text is no profile."""
        try:
            columns = json.loads(text)["columns"]
            return Profile({name: _column_from(**each) for name, each in columns.items()})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidBundle(f"not a profile of columns: {error}; expected what to_json wrote") from error


def read_profile(folder: Path) -> Profile | None:
    """The profile in a bundle's folder; None where it keeps none. Raises `InvalidBundle`."""
    path = folder / TRAINING_FILE
    if not path.is_file():
        return None
    try:
        kept = json.loads(path.read_text(encoding="utf-8")).get("profile")
    except (OSError, ValueError, AttributeError) as error:
        raise InvalidBundle(f"{TRAINING_FILE} can't be read: {error}; expected an object") from error
    return None if kept is None else Profile.from_json(json.dumps(kept))


def stability_index(column: ColumnProfile, now: Mapping[str, float], rows: int) -> float:
    """PSI of the shares of so many rows (1 or more), against the profile's.

    Empty bins are given half a row: their logarithm would be infinite.
    """
    total = 0.0
    for name in sorted(column.shares.keys() | now.keys()):  # sums differ by their order
        before = max(column.shares.get(name, 0.0), 0.5 / column.rows)
        after = max(now.get(name, 0.0), 0.5 / rows)
        total += (after - before) * log(after / before)
    return total


def _column_from(
    kind: Literal["number", "category"],
    rows: int,
    edges: list[float],
    shares: Mapping[str, float],
    sample: list[float],
) -> ColumnProfile:
    return ColumnProfile(kind, rows, tuple(edges), dict(shares), tuple(sample))
