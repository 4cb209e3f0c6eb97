"""No call is lost when workers die or are replaced, and no count."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.server_process import ServerProcess, wait_until
from tests.e2e.workers.crew import Load, Samples, kill, metric, scrape, until_replaced, workers

COUNTED = ("_total", "_bucket", "_count", "_sum")
RESET_BY_LOADS = ("hotshelf_version_load_failures_total", "hotshelf_version_golden_failures_total")
OK = {"method": "ModelInfer", "code": "OK"}


@contextmanager
def watching(server: ServerProcess) -> Iterator[list[str]]:
    """Scrapes again and again; gives what has fallen or vanished."""
    fallen: list[str] = []
    over = threading.Event()

    def watch() -> None:
        before: Samples = {}
        while not over.wait(0.05):
            now = scrape(server)
            fallen.extend(
                f"{key}: {value} → {now.get(key)}"
                for key, value in before.items()
                if key[0].endswith(COUNTED) and key[0] not in RESET_BY_LOADS and now.get(key, -1.0) < value
            )
            before = now

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield fallen
    finally:
        over.set()
        thread.join()


def test_killed_worker_loses_no_call_and_is_started_again(server: ServerProcess) -> None:
    restarts = metric(server, "hotshelf_worker_restarts_total")
    with Load(server) as load, watching(server) as fallen:
        victim = kill(server)
        wait_until(lambda: metric(server, "hotshelf_worker_restarts_total") == restarts + 1)
        wait_until(lambda: metric(server, "hotshelf_workers") == 2)
        load.go_on()
    assert (load.failures, fallen) == ([], [])
    assert victim not in workers(server)
    assert "has ended by SIGKILL; it is started again" in server.log


def test_rolling_restart_loses_no_call_and_no_count(server: ServerProcess) -> None:
    counted = metric(server, "hotshelf_calls_total", **OK)
    before = workers(server)
    with Load(server) as load, watching(server) as fallen:
        server.hang_up()
        until_replaced(server, before, 2)
        load.go_on()
    assert (load.failures, fallen) == ([], [])
    assert metric(server, "hotshelf_calls_total", **OK) - counted >= load.answered
    assert "all workers were replaced" in server.log


def test_connections_are_reported_by_worker(server: ServerProcess) -> None:
    with Load(server, threads=3):
        wait_until(lambda: metric(server, "hotshelf_worker_connections") >= 3)


def test_worker_that_dies_while_its_successor_loads_is_replaced_once(server: ServerProcess) -> None:
    wait_until(lambda: metric(server, "hotshelf_workers") == 2)
    before, replaced = workers(server), server.log.count("all workers were replaced")
    with Load(server) as load:
        server.hang_up()
        wait_until(lambda: workers(server) - before)
        for process in before:
            os.kill(process, signal.SIGKILL)
        wait_until(lambda: server.log.count("all workers were replaced") > replaced or "has stopped" in server.log)
        wait_until(lambda: metric(server, "hotshelf_workers") == 2)
        load.go_on()
    assert len(workers(server)) == 2
