"""Where memory is bounded, versions are loaded when they are called, and the least recently called gives way."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from hotshelf_server.core.clock import SystemClock
from hotshelf_server.core.errors import BadBundle, ModelNotReady
from hotshelf_server.core.types import VersionId
from hotshelf_server.models.budget import Budget
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.states import State
from tests.fakes.models import FakeLoader, FakeSource

WAIT = 10.0
CHAMPION = {"champion": {1: 100}}


@pytest.fixture
def source() -> FakeSource:
    source = FakeSource()
    for model in ("a", "b", "c"):
        source.want(model, CHAMPION)
    return source


@pytest.fixture
def loader() -> FakeLoader:
    return FakeLoader()


@pytest.fixture
def manager(source: FakeSource, loader: FakeLoader) -> Iterator[Manager]:
    manager = Manager(source, loader, SystemClock(), poll_seconds=0.01, load_threads=2, budget=Budget(versions=2))
    manager.start()
    wait_until(manager.settled)
    yield manager
    manager.stop()


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def states(manager: Manager) -> dict[str, State]:
    return {str(one.id): one.state for one in manager.statuses()}


def loaded(manager: Manager) -> set[str]:
    return {name for name, state in states(manager).items() if state is State.READY}


def call(manager: Manager, model: str, version: str = "") -> int:
    with manager.lease(model, version, seconds=WAIT) as lease:
        return lease.id.version


def test_a_server_is_settled_though_not_everything_fits(manager: Manager) -> None:
    wait_until(lambda: loaded(manager) == {"a/1", "b/1"})
    assert states(manager)["c/1"] is State.NOT_LOADED
    assert manager.tables()["c"].answers


@pytest.mark.parametrize("version", ["", "1", "champion"])
def test_a_call_loads_what_it_needs_and_the_least_recently_called_gives_way(
    manager: Manager, loader: FakeLoader, version: str
) -> None:
    assert [call(manager, "a"), call(manager, "b"), call(manager, "a")] == [1, 1, 1]
    assert call(manager, "c", version) == 1
    wait_until(lambda: loaded(manager) == {"a/1", "c/1"})
    assert loader.loaded[VersionId("b", 1)].closed
    wait_until(lambda: manager.parked == 1)


def test_many_calls_at_once_load_a_version_once(manager: Manager, loader: FakeLoader) -> None:
    wait_until(lambda: len(loader.loaded) == 2)
    loads: list[int] = []
    loader.behaviours[1] = lambda: loads.append(1)
    callers = [threading.Thread(target=call, args=(manager, "c")) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(WAIT)
    assert loads == [1]


def test_a_version_that_a_call_holds_never_gives_way(manager: Manager) -> None:
    with manager.lease("a", seconds=WAIT), manager.lease("b", seconds=WAIT):
        with pytest.raises(ModelNotReady, match="version 1 of model 'c' is not_loaded: other versions need the memory"):
            manager.lease("c", seconds=0.1)
        assert loaded(manager) == {"a/1", "b/1"}
    assert call(manager, "c") == 1


def test_a_version_that_cannot_be_loaded_fails_the_call_and_says_why(manager: Manager, loader: FakeLoader) -> None:
    wait_until(lambda: len(loader.loaded) == 2)

    def refuse() -> None:
        raise BadBundle("no golden answer")

    loader.behaviours[1] = refuse
    with pytest.raises(ModelNotReady, match="no golden answer"):
        manager.lease("c", seconds=WAIT)
    assert loaded(manager) <= {"a/1", "b/1"}


def test_a_new_champion_is_loaded_before_the_old_one_goes(manager: Manager, source: FakeSource) -> None:
    for model in ("a", "b"):
        assert call(manager, model) == 1
    source.want("b", {"champion": {2: 100}})
    wait_until(lambda: call(manager, "b") == 2)
    wait_until(lambda: "b/1" not in states(manager))
    assert call(manager, "a") == 1


def test_every_call_gets_its_turn_however_many_models_compete(manager: Manager) -> None:
    over = threading.Event()
    counts = dict.fromkeys("abc", 0)

    def busy(model: str) -> None:
        while not over.is_set():
            counts[model] += call(manager, model)
            time.sleep(0.001)

    callers = [threading.Thread(target=busy, args=(model,)) for model in counts]
    for caller in callers:
        caller.start()
    try:
        wait_until(lambda: min(counts.values()) >= 20)
    finally:
        over.set()
        for caller in callers:
            caller.join(WAIT)
