"""How far what callers send has moved from what a version learned from, over the last hour."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping

import numpy as np

from hotshelf_server.core.types import Array, Tensors
from hotshelf_store.profile import MISSING, OTHER, ColumnProfile, Profile, stability_index

SLOT_SECONDS = 300.0
SLOTS = 12
"""The last hour."""

LEAST_ROWS = 200
"""Rows below which chance alone makes an index that looks like drift."""

MAX_FEATURES = 64
"""Features of a version that are looked at, the first ones by name."""


class InputDrift:
    """Counts the rows of one version by feature and bin. Not thread-safe: it is the scrape's."""

    def __init__(self, profile: Profile) -> None:
        names = sorted(profile.columns)[:MAX_FEATURES]
        self._columns = {name: profile.columns[name] for name in names}
        self._slots: deque[dict[str, Counter[str]]] = deque(maxlen=SLOTS)
        self._slot = -1

    def add(self, taken: Iterable[Tensors], now: float) -> None:
        """Count rows; ``now`` is on the monotonic clock. Inputs that the profile doesn't know are left out."""
        self._advance(now)
        counts = self._slots[-1]
        for inputs in taken:
            rows = max((len(array) for array in inputs.values()), default=0)
            for name, column in self._columns.items():
                values = inputs.get(name)
                if values is not None:
                    counts[name].update(_binned(column, values))
                elif self._answers(inputs):
                    counts[name][MISSING] += rows

    def indices(self) -> Mapping[str, float]:
        """PSI by feature, of those with rows enough."""
        sums = self._sums()
        return {
            name: stability_index(self._columns[name], _shares(counts), counts.total())
            for name, counts in sums.items()
            if counts.total() >= LEAST_ROWS
        }

    @property
    def rows(self) -> int:
        """Rows that the indices are computed from."""
        return max((counts.total() for counts in self._sums().values()), default=0)

    def _advance(self, now: float) -> None:
        slot = int(now // SLOT_SECONDS)
        for _ in range(min(SLOTS, slot - self._slot) if self._slots else 1):
            self._slots.append({name: Counter() for name in self._columns})
        self._slot = slot

    def _answers(self, inputs: Tensors) -> bool:
        """Whether the inputs are features by name: else a feature that isn't there is not missing, but unknown."""
        return any(name in self._columns for name in inputs)

    def _sums(self) -> Mapping[str, Counter[str]]:
        return {name: sum((slot[name] for slot in self._slots), Counter()) for name in self._columns}


def _binned(column: ColumnProfile, values: Array) -> list[str]:
    """The bin of each value, by the profile's names."""
    flat = values.reshape(-1)
    if column.kind == "category":
        return [name if name in column.shares else OTHER for name in map(_named, flat.tolist())]
    if flat.dtype.kind not in "biuf":
        return [OTHER] * len(flat)
    with np.errstate(invalid="ignore"):  # some of the many NaN are said to be no values
        numbers = flat.astype(np.float64)
    places = np.searchsorted(column.edges, numbers, side="left").tolist()
    finite = np.isfinite(numbers).tolist()
    return [str(place) if known else MISSING for place, known in zip(places, finite, strict=True)]


def _named(value: object) -> str:
    """A category as the training wrote it."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shares(counts: Counter[str]) -> Mapping[str, float]:
    total = counts.total()
    return {name: count / total for name, count in counts.items()}
