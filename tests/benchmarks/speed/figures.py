"""What is measured, as it is kept."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from tests.benchmarks.rounding import rounded

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Speed:
    """One server in one cell: medians over the rounds that count.

    ``rates``: calls a second of each round; ``p50_ms`` and ``p99_ms`` as callers see it; ``cpu_us``: processor time a
    call of all the server's processes; ``server_cores`` and ``load_cores``: what both sides kept busy; ``void``: why
    rounds don't count. ``run`` tells which figures were measured in turns with each other.
    """

    run: str
    server: str
    cell: str
    rows: int
    rates: Sequence[float]
    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    server_cores: float
    load_cores: float
    void: Sequence[str]


@dataclass(frozen=True, slots=True)
class Start:
    """One server with one model: seconds from its start to its first right answer, MB after all cells (PSS), processes,
    and cores that it kept busy with nothing to do."""

    run: str
    server: str
    model: str
    ready_s: float
    pss_mb: float
    processes: int
    idle_cores: float


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine in process, on one thread: µs a row at batches of so many rows."""

    run: str
    engine: str
    rows: int
    row_us: float


@dataclass(frozen=True, slots=True)
class Skipped:
    """A server that wasn't measured with a model, and why."""

    run: str
    server: str
    model: str
    why: str


@dataclass(frozen=True, slots=True)
class Taker:
    """A server as the page calls it, and the versions of what it runs."""

    server: str
    title: str
    versions: Sequence[str]


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it was measured."""

    processor: str
    cores: int
    memory_gb: int
    system: str


@dataclass(frozen=True, slots=True)
class Figures:
    """All of it."""

    machine: Machine
    takers: Sequence[Taker]
    speeds: Sequence[Speed]
    starts: Sequence[Start]
    engines: Sequence[Engine]
    skipped: Sequence[Skipped]

    def write(self, file: Path) -> None:
        """As JSON, in four digits."""
        file.write_text(json.dumps(rounded(asdict(self)), indent=1, ensure_ascii=False) + "\n")


def nothing(machine: Machine) -> Figures:
    """To begin with."""
    return Figures(machine, (), (), (), (), ())


def read(file: Path) -> Figures:
    """What `Figures.write` wrote."""
    found = json.loads(file.read_text())
    return Figures(
        Machine(**found["machine"]),
        [Taker(**one) for one in found["takers"]],
        [Speed(**one) for one in found["speeds"]],
        [Start(**one) for one in found["starts"]],
        [Engine(**one) for one in found["engines"]],
        [Skipped(**one) for one in found["skipped"]],
    )


def merged(old: Figures, new: Figures) -> Figures:
    """The new ones, and of the old ones those that weren't measured again; nothing old of another machine."""
    if old.machine != new.machine:
        return new
    measured = {(one.server, one.cell.partition("-")[0]) for one in new.speeds}
    skipped = [one for one in old.skipped if (one.server, one.model) not in measured]
    return Figures(
        new.machine,
        _over(old.takers, new.takers, "server"),
        _over(old.speeds, new.speeds, "server", "cell"),
        _over(old.starts, new.starts, "server", "model"),
        _over(old.engines, new.engines, "engine", "rows"),
        _over(skipped, new.skipped, "server", "model"),
    )


def _over(old: Sequence[Kept], new: Sequence[Kept], *key: str) -> Sequence[Kept]:
    def of(one: Kept) -> tuple[object, ...]:
        return tuple(getattr(one, name) for name in key)

    known = {of(one): one for one in old} | {of(one): one for one in new}
    return list(known.values())
