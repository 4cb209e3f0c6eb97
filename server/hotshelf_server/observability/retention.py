"""How long the series of versions that have gone are exported: long enough to be scraped, and not for ever."""

from collections.abc import Collection, Container, Hashable, Iterable
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)
"""What is remembered: versions, by whatever names them."""

RETENTION_SECONDS = 900.0
"""Several scrapes of any usual interval, so that the last calls of a version are seen."""


class AllBut(Container[Item]):
    """Everything but these: what nobody has heard of yet, too."""

    def __init__(self, these: Collection[Item]) -> None:
        self._these = these

    def __contains__(self, one: object) -> bool:
        return one not in self._these


class Retention(Generic[Item]):
    """Remembers since when versions have been gone. Not thread-safe."""

    def __init__(self, seconds: float = RETENTION_SECONDS) -> None:
        self._seconds = seconds
        self._gone: dict[Item, float] = {}

    def staying(self, counted: Iterable[Item], here: Collection[Item], now: float) -> frozenset[Item]:
        """Of the versions that are counted, those that are here, or have not been gone for so long.

        ``now`` is in seconds on a clock that never goes back.
        """
        counted = frozenset(counted)
        self._gone = {one: self._gone.get(one, now) for one in counted if one not in here}
        return counted.difference(one for one, since in self._gone.items() if now - since >= self._seconds)
