"""Where the demo keeps what it makes, and what it saw."""

from dataclasses import dataclass
from pathlib import Path

from hotshelf_client import Version
from hotshelf_demo.traffic import Call

MODEL = "shop"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the demo keeps what it makes."""

    root: Path

    @property
    def store(self) -> Path:
        """The versions."""
        return self.root / "store"

    @property
    def log(self) -> Path:
        """What the server said."""
        return self.root / "server.log"

    @property
    def metrics(self) -> Path:
        """What Prometheus would have seen at the end."""
        return self.root / "metrics.txt"

    def report(self, version: int) -> Path:
        """The folder of a version's report."""
        return self.root / f"version-{version}"


@dataclass(frozen=True, slots=True)
class Times:
    """When what happened, in seconds since the epoch."""

    training: float
    """The second training began, under traffic."""
    published: float
    """Version 2 was committed to the store."""
    swapped: float
    """Its first answer was asked for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the demo saw."""

    versions: tuple[Version, ...]
    """Newest first."""
    calls: tuple[Call, ...]
    times: Times
    peak_memory_mib: float | None
    seconds: float
