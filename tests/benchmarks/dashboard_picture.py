"""Draws docs/pictures/dashboard.png: ``python -m tests.benchmarks.dashboard_picture FILE``. Takes two minutes.

Two replicas serve a model under traffic while a canary takes over and a third version is swapped in; what is drawn is
what a Prometheus that watched them answers to the dashboards' own queries.
"""

import json
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from hotshelf_client import Client
from hotshelf_store import Store, open_store
from k8s.monitoring.generate import COMPONENT
from k8s.monitoring.picture import Mark, answered, draw
from tests.e2e.server_process import ServerProcess, serving
from tests.fakes.profiled import COLUMNS, publish_profiled
from tests.integration.metrics.prometheus import Prometheus, scraping

MODEL = "shop"
TREES = {1: 400, 2: 1500, 3: 50}
"""By version: more trees, slower answers."""

STEPS = ((15.0, 5), (27.0, 10), (39.0, 25), (51.0, 50), (63.0, 100))
"""The canary's share of the traffic in percent, by seconds since the begin."""

WARM, SHIFT, SWAP, END = 8.0, 45.0, 82.0, 110.0
"""In seconds: how long calls come before the begin, when callers begin to send other customers, when the third version
is published, and the end."""

PAUSE, ROWS = 0.012, 16
PANELS = (
    ("hotshelf-rollout", "Traffic by version"),
    ("hotshelf-model", "Calls"),
    ("hotshelf-model", "Duration"),
    ("hotshelf-model", "Failed by the server's fault"),
    ("hotshelf-fleet", "Memory by replica"),
    ("hotshelf-model", "Drift of inputs"),
)
VALUES = {"namespace": ".*", "model": MODEL, "version": ".*", "__rate_interval": "5s"}


def call(address: str, begin: float, over: threading.Event) -> None:
    """One call after the other, of customers of whom more are young after a while."""
    random = np.random.default_rng(0)
    with Client(address) as client:
        while not over.wait(PAUSE):
            customers = {name: random.random(ROWS) for name in COLUMNS}
            if time.monotonic() - begin > SHIFT:
                customers["age"] **= 2
            client.predict(MODEL, customers)


@contextmanager
def traffic(servers: Sequence[ServerProcess], begin: float) -> Iterator[None]:
    """A caller for each replica."""
    over = threading.Event()
    threads = [threading.Thread(target=call, args=(server.address, begin, over)) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def roll_out(store: Store, folder: Path, begin: float) -> Iterator[Mark]:
    """The canary's steps, and the swap."""
    publish_profiled(store, folder / "2", MODEL, TREES[2])
    for at, share in STEPS:
        wait_until(begin + at)
        weights = {1: 100 - share, 2: share} if share < 100 else {2: 100}
        store.set_alias(MODEL, "champion", weights, force=True, reason="canary")
        yield Mark(time.monotonic() - begin, f"v2 {share}%")
    wait_until(begin + SWAP)
    publish_profiled(store, folder / "3", MODEL, TREES[3])
    store.promote(MODEL, 3, reason="swap", force=True)
    yield Mark(time.monotonic() - begin, "v3")


def wait_until(moment: float) -> None:
    """Sleep until a moment of the monotonic clock."""
    time.sleep(max(0.0, moment - time.monotonic()))


def config(servers: Sequence[ServerProcess]) -> dict[str, object]:
    """Of a Prometheus that scrapes them as replicas of one job."""
    targets = [
        {"targets": [f"localhost:{server.metrics_port}"], "labels": {"instance": f"replica-{name}"}}
        for name, server in zip("abc", servers, strict=False)
    ]
    return {"scrape_configs": [{"job_name": "hotshelf-server", "static_configs": targets}]}


def board(uid: str) -> Any:
    """A dashboard's JSON."""
    return json.loads((COMPONENT / "dashboards" / f"{uid}.json").read_text())


def run(folder: Path, picture: Path) -> None:
    """The whole story, and the picture of it."""
    (folder / "store").mkdir()
    store = open_store(folder / "store")
    publish_profiled(store, folder / "1", MODEL, TREES[1])
    store.promote(MODEL, 1, reason="first", force=True)
    with ExitStack() as stack:
        servers = [stack.enter_context(serving("--store", folder / "store")) for _ in range(2)]
        prometheus: Prometheus = stack.enter_context(scraping(folder, "", config=config(servers)))
        begin, epoch = time.monotonic() + WARM, time.time() + WARM
        with traffic(servers, begin):
            marks = list(roll_out(store, folder, begin))
            wait_until(begin + END)
        span = (epoch, epoch + END)
        pictures = [answered(prometheus.get, board(uid), title, VALUES, span) for uid, title in PANELS]
    draw(pictures, marks, END, picture)


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        run(Path(folder), Path(sys.argv[1]))
