"""What a store needs of the place where it lies. Local directories and object stores fit behind it.

One contract suite, tests/contract/store, is run on each implementation.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object: its key, size in bytes, and time of last change in seconds since the epoch."""

    key: str
    size: int
    modified: float


class Backend(Protocol):
    """A flat map from keys (parts joined by ``/``) to bytes.

    Every method raises `StoreUnavailable` when the place can't be reached, which includes a root that does not exist:
    a hiccup of the storage must never look like an empty store.
    """

    def create(self, key: str, data: bytes) -> None:
        """Write an object whole, durably, and only if absent: of writers at the same time one wins.

        Raises `ObjectExists` for the others.
        """
        ...

    def replace(self, key: str, data: bytes) -> None:
        """Write an object whole and durably, in place of what was there."""
        ...

    def upload(self, key: str, source: Path) -> None:
        """Copy a file to an object, durably. Not atomic: for keys that nobody reads yet."""
        ...

    def read(self, key: str) -> bytes:
        """The object's bytes. Raises `ObjectNotFound`."""
        ...

    def children(self, prefix: str) -> list[str]:
        """The distinct next parts of the keys below ``prefix`` ("" for all), sorted; empty when there are none."""
        ...

    def objects(self, prefix: str) -> list[StoredObject]:
        """All objects below ``prefix``, sorted by key."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens when it is absent."""
        ...

    def directory(self, prefix: str) -> Path:
        """A local directory with the objects below ``prefix``, to be read only. Raises `ObjectNotFound` for none."""
        ...
