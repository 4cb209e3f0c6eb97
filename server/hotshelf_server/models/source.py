"""Sources say which versions are wanted, and how traffic is meant to go. They emit the whole list, or raise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hotshelf_server.core.types import VersionId
from hotshelf_server.models.routing import Routes
from hotshelf_store import Manifest


@dataclass(frozen=True, slots=True)
class Bundle:
    """A version's files and what its manifest says of them."""

    folder: Path
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of one model: versions to hold, and the routing that the operator asked for.

    ``revision`` is the alias revision that says so, and ``written_at`` when it was written, in seconds since the epoch;
    both are 0 without one.
    """

    versions: frozenset[int]
    routes: Routes
    revision: int = 0
    written_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Emission:
    """Everything that is wanted now, by model, and what could not be read (for which the last word stands).

    ``complete`` is false while there are sources that were never heard.
    """

    models: Mapping[str, Wanted]
    errors: Sequence[str] = field(default=())
    complete: bool = True


class Source(Protocol):
    """Where versions come from."""

    def poll(self) -> Emission:
        """Everything that is wanted now. Raises `StoreError` when nothing is known: the last emission then stands."""
        ...

    def fetch(self, version: VersionId) -> Bundle:
        """The files of one version. Raises `StoreError`."""
        ...
