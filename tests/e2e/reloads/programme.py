"""Good and bad publications in turn, under load."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from hotshelf_client import Client
from hotshelf_store import open_store
from tests.e2e.reloads.load import OTHER, RELOADED, Load, calling
from tests.e2e.reloads.sightings import loads
from tests.e2e.reloads.versions import KINDS, Forest, Publisher
from tests.e2e.server_process import ServerProcess, serving, wait_until


@dataclass(frozen=True)
class Stage:
    """A server of two models under load."""

    server: ServerProcess
    load: Load
    reloaded: Publisher
    other: Publisher


@contextmanager
def staged(folder: Path, forest: Forest, *, trial_seconds: float, calls_per_second: float) -> Iterator[Stage]:
    """Serve both models, and call them."""
    store = folder / "store"
    store.mkdir()
    reloaded, other = (Publisher(store, folder / "bundles", model, forest) for model in (RELOADED, OTHER))
    open_store(store)
    reloaded.good()
    other.good()
    config = folder / "server.yaml"
    config.write_text(f"trial_seconds: {trial_seconds}\n")
    with serving("--store", store, "--config", config, "--allow-python", "tests.fakes") as server:
        with Client(server.address) as client:
            wait_until(lambda: client.ready() and client.ready(RELOADED) and client.ready(OTHER))
        bodies = dict.fromkeys((RELOADED, OTHER), forest.body)
        with calling(server.address, folder, bodies, calls_per_second) as load:
            load.wait_for(1)
            yield Stage(server, load, reloaded, other)


@dataclass
class Progress:
    """How long good versions took from their publication to their first answer, by the bad kind before them."""

    seconds: list[tuple[str, float]] = field(default_factory=list)

    def after(self, kind: str) -> Sequence[float]:
        """Those that followed a bad version of a kind."""
        return [seconds for before, seconds in self.seconds if before == kind]


def publish_all(stage: Stage, publishes: int, bad: int, tell: Callable[[str], None] = lambda _: None) -> Progress:
    """Publish good versions, and bad ones between them; each good one must take traffic.

    The next good version doesn't wait for a bad one that takes long, but for one that fails at once: then it shows that
    the watcher lives.
    """
    progress = Progress()
    kinds = list(islice(cycle(KINDS), bad))
    done = 0
    for number, kind in enumerate(kinds):
        until = publishes * (number + 1) // bad
        version = stage.reloaded.publish_bad(kind)
        tell(f"version {version}: {kind}")
        if KINDS[kind].quick:
            wait_until(lambda version=version: failed(stage, version))  # type: ignore[misc]  # mypy knows no default
        for _ in range(done, until):
            progress.seconds.append((kind, publish_good(stage)))
        done = until
    return progress


def publish_good(stage: Stage) -> float:
    """Publish a good version and wait until it answers; seconds that this took."""
    version = stage.reloaded.good()
    published = time.monotonic()
    stage.load.wait_for(version)
    return time.monotonic() - published


def failed(stage: Stage, version: int) -> Sequence[str]:
    """Why a version has failed, each time."""
    return [one.reason for one in loads(stage.server, RELOADED) if one.version == version and one.reason]
