"""How much of a catalogue is recommended, over the last half to whole hour."""

from collections.abc import Iterable

WINDOW_SECONDS = 1800.0
"""The set of products is begun anew after so long; the one before it still counts."""

MAX_PRODUCTS = 100_000
"""Products of a window that are told apart."""


class Coverage:
    """The products that one version recommended. Guarded by its owner's lock."""

    __slots__ = ("_before", "_catalogue", "_since", "_window")

    def __init__(self) -> None:
        self._window: set[str] = set()
        self._before: set[str] = set()
        self._since = 0.0
        self._catalogue = 0

    def add(self, products: Iterable[str], catalogue: int, now: float) -> None:
        """Count one answer out of a catalogue of so many products; ``now`` is on the monotonic clock."""
        self._advance(now)
        self._catalogue = catalogue
        if len(self._window) < MAX_PRODUCTS:
            self._window.update(products)

    def ratio(self, now: float) -> float:
        """The share of the catalogue; 0 while nothing was recommended."""
        self._advance(now)
        return len(self._window | self._before) / self._catalogue if self._catalogue else 0.0

    def _advance(self, now: float) -> None:
        windows = (now - self._since) // WINDOW_SECONDS
        if windows >= 1:
            self._before = self._window if windows == 1 else set()
            self._window = set()
            self._since += windows * WINDOW_SECONDS
