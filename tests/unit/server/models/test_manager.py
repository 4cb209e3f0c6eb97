"""New versions come in and old ones go without a call noticing."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from hotshelf_server.core.background import is_in_a_hurry
from hotshelf_server.core.errors import BadBundle, GoldenMismatch, ModelNotFound, ModelNotReady
from hotshelf_server.core.types import VersionId
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.policy import FIRST_RETRY
from hotshelf_server.models.states import State
from hotshelf_store.errors import StoreUnavailable, VersionNotFound
from tests.fakes.clock import FakeClock
from tests.fakes.models import FakeLoader, FakeSource

WAIT = 10.0


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture
def loader() -> FakeLoader:
    return FakeLoader()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def manager(source: FakeSource, loader: FakeLoader, clock: FakeClock) -> Iterator[Manager]:
    manager = Manager(source, loader, clock, poll_seconds=0.01, load_threads=2)
    yield manager
    if manager.started:
        manager.stop()


def champion(version: int) -> dict[str, dict[int, int]]:
    return {"champion": {version: 100}}


def wait_until(manager: Manager, true: Callable[[], bool]) -> None:
    """Reconcile until something holds."""
    changed = threading.Event()
    manager.listeners.append(changed.set)
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        manager.reconcile()
        # Now and after a while: right after a step, what is tried again at each is just being loaded.
        if true() or (changed.wait(0.01) and true()):
            return
        changed.clear()
    raise AssertionError(f"not within {WAIT} s: {manager.statuses()}")


def state_of(manager: Manager, version: int) -> State | None:
    return next((one.state for one in manager.statuses() if one.id.version == version), None)


def serving(manager: Manager) -> int:
    with manager.lease("m") as lease:
        return lease.id.version


def test_what_an_alias_names_is_loaded_and_served(manager: Manager, source: FakeSource) -> None:
    source.want("m", champion(1))
    wait_until(manager, manager.settled)
    assert serving(manager) == 1


def test_a_version_can_be_asked_for_by_number_or_alias(manager: Manager, source: FakeSource) -> None:
    source.want("m", {"champion": {1: 100}, "candidate": {2: 100}})
    wait_until(manager, lambda: state_of(manager, 2) is State.READY and state_of(manager, 1) is State.READY)
    for name, expected in (("", 1), ("champion", 1), ("candidate", 2), ("2", 2), ("1", 1)):
        with manager.lease("m", name) as lease:
            assert lease.id.version == expected


@pytest.mark.parametrize(
    ("model", "version"),
    [
        ("x", ""),
        ("m", "9"),
        ("m", "nobody"),
        ("m", "9" * 5000),
        ("m", "\uff11"),
        ("m", "0001"),
        ("m", "\u0661"),
        ("m", "0"),
    ],
)
def test_what_is_not_wanted_is_not_found(manager: Manager, source: FakeSource, model: str, version: str) -> None:
    source.want("m", champion(1))
    wait_until(manager, manager.settled)
    with pytest.raises(ModelNotFound):
        manager.lease(model, version)


def test_while_a_new_version_loads_the_old_one_serves(manager: Manager, source: FakeSource, loader: FakeLoader) -> None:
    source.want("m", champion(1))
    wait_until(manager, manager.settled)
    go_on = threading.Event()
    loader.behaviours[2] = lambda: _wait(go_on)
    source.want("m", champion(2))
    wait_until(manager, lambda: state_of(manager, 2) is State.LOADING)
    assert serving(manager) == 1
    with pytest.raises(ModelNotReady, match="version 2 of model 'm' is loading"):
        manager.lease("m", "2")
    go_on.set()
    wait_until(manager, lambda: serving(manager) == 2)
    wait_until(manager, lambda: state_of(manager, 1) is None)
    assert loader.loaded[VersionId("m", 1)].closed


def test_a_version_that_fails_takes_no_traffic_and_is_tried_again_later(
    manager: Manager, source: FakeSource, loader: FakeLoader, clock: FakeClock
) -> None:
    source.want("m", champion(1))
    wait_until(manager, manager.settled)
    loader.behaviours[2] = lambda: _fail(BadBundle("its golden answers differ"))
    source.want("m", champion(2))
    wait_until(manager, lambda: state_of(manager, 2) is State.FAILED)
    failed = next(one for one in manager.statuses() if one.id.version == 2)
    assert (failed.reason, failed.failures) == ("its golden answers differ", 1)
    assert serving(manager) == 1
    del loader.behaviours[2]
    manager.reconcile()
    assert state_of(manager, 2) is State.FAILED
    clock.advance(FIRST_RETRY)
    wait_until(manager, lambda: serving(manager) == 2)


def test_a_first_version_that_fails_leaves_the_model_not_ready_and_says_why(
    manager: Manager, source: FakeSource, loader: FakeLoader
) -> None:
    loader.behaviours[1] = lambda: _fail(BadBundle("corrupt"))
    source.want("m", champion(1))
    wait_until(manager, manager.settled)
    with pytest.raises(ModelNotReady, match="version 1 of model 'm' is failed: corrupt"):
        manager.lease("m")


def test_failures_of_golden_requests_are_counted_apart_and_outlive_a_load_that_succeeds(
    manager: Manager, source: FakeSource, loader: FakeLoader, clock: FakeClock
) -> None:
    faults: list[Exception] = [GoldenMismatch("they differ"), BadBundle("corrupt"), GoldenMismatch("they differ")]
    loader.behaviours[1] = lambda: _fail(faults.pop(0)) if faults else None
    source.want("m", champion(1))

    def loaded() -> bool:
        clock.advance(FIRST_RETRY * 100)
        return state_of(manager, 1) is State.READY

    wait_until(manager, loaded)
    (status,) = manager.statuses()
    assert (status.failures, status.golden_failures) == (0, 2)


def test_when_the_source_was_last_read_is_known(manager: Manager, source: FakeSource, clock: FakeClock) -> None:
    assert manager.heard_at == 0
    source.want("m", champion(1))
    manager.reconcile()
    read_at = clock.now()
    assert manager.heard_at == read_at
    assert manager.wanted()["m"].routes == champion(1)
    clock.advance(60)
    source.error = StoreUnavailable("unmounted")
    manager.reconcile()
    assert (manager.heard_at, manager.store_errors) == (read_at, 1)


def test_any_exception_of_a_load_is_a_failure_and_not_the_end(
    manager: Manager, source: FakeSource, loader: FakeLoader
) -> None:
    loader.behaviours[1] = lambda: _fail(ZeroDivisionError())
    source.want("m", champion(1))
    wait_until(manager, lambda: state_of(manager, 1) is State.FAILED)
    source.want("m", champion(2))
    wait_until(manager, lambda: serving(manager) == 2 if state_of(manager, 2) is State.READY else False)


def test_a_version_that_is_yet_to_come_is_pending(manager: Manager, source: FakeSource, loader: FakeLoader) -> None:
    loader.behaviours[9] = lambda: _fail(VersionNotFound("model 'm' has no version 9"))
    source.want("m", {"champion": {1: 100}, "next": {9: 100}})
    wait_until(manager, lambda: state_of(manager, 1) is State.READY and state_of(manager, 9) is State.PENDING)
    del loader.behaviours[9]
    wait_until(manager, lambda: state_of(manager, 9) is State.READY)


def test_a_lease_keeps_its_version_until_it_is_given_back(
    manager: Manager, source: FakeSource, loader: FakeLoader
) -> None:
    source.want("m", champion(1))
    wait_until(manager, manager.settled)
    lease = manager.lease("m")
    source.want("m", champion(2))
    wait_until(manager, lambda: state_of(manager, 1) is State.UNLOADING)
    assert serving(manager) == 2
    assert not loader.loaded[VersionId("m", 1)].closed
    lease.__exit__(None, None, None)
    wait_until(manager, lambda: state_of(manager, 1) is None)
    assert loader.loaded[VersionId("m", 1)].closed


def test_leases_that_do_not_come_back_keep_no_other_version_from_loading(
    manager: Manager, source: FakeSource, loader: FakeLoader
) -> None:
    held = []
    for version in (1, 2, 3):
        source.want("m", champion(version))
        wait_until(manager, lambda version=version: state_of(manager, version) is State.READY)  # type: ignore[misc]  # bound now
        held.append(manager.lease("m"))
    source.want("m", champion(4))
    wait_until(manager, lambda: state_of(manager, 4) is State.READY)
    assert serving(manager) == 4
    for lease in held:
        lease.__exit__(None, None, None)


def test_a_store_that_cannot_be_read_empties_nothing(manager: Manager, source: FakeSource) -> None:
    source.want("m", champion(1))
    wait_until(manager, manager.settled)
    source.error = StoreUnavailable("gone")
    manager.reconcile()
    assert serving(manager) == 1
    assert manager.store_errors == 1


def test_a_server_is_not_settled_before_the_store_was_heard(manager: Manager, source: FakeSource) -> None:
    source.error = StoreUnavailable("not yet")
    manager.reconcile()
    assert not manager.settled()


def test_a_server_is_not_settled_before_all_of_its_sources_were_heard(manager: Manager, source: FakeSource) -> None:
    source.want("m", champion(1))
    source.complete = False
    wait_until(manager, lambda: state_of(manager, 1) is State.READY)
    assert not manager.settled()
    source.complete = True
    wait_until(manager, manager.settled)


def test_a_server_is_settled_without_its_candidates(manager: Manager, source: FakeSource, loader: FakeLoader) -> None:
    go_on = threading.Event()
    loader.behaviours[2] = lambda: _wait(go_on)
    source.want("m", {"champion": {1: 100}, "candidate": {2: 100}})
    wait_until(manager, manager.settled)
    assert serving(manager) == 1
    assert state_of(manager, 2) is State.LOADING
    go_on.set()
    wait_until(manager, lambda: state_of(manager, 2) is State.READY)


def test_a_model_that_is_no_longer_wanted_is_let_go(manager: Manager, source: FakeSource, loader: FakeLoader) -> None:
    source.want("m", champion(1))
    wait_until(manager, manager.settled)
    source.models = {}
    wait_until(manager, lambda: not manager.statuses())
    with pytest.raises(ModelNotFound):
        manager.lease("m")
    assert loader.loaded[VersionId("m", 1)].closed


def test_calls_through_a_hundred_swaps_always_find_a_version(
    manager: Manager, source: FakeSource, loader: FakeLoader
) -> None:
    source.want("m", champion(1))
    manager.start()
    while not manager.settled():
        time.sleep(0.001)
    done = threading.Event()
    with ThreadPoolExecutor(4) as callers:
        calls = [callers.submit(_call_until, done, manager, loader) for _ in range(4)]
        for version in range(2, 102):
            source.want("m", champion(version))
            while serving(manager) != version:
                time.sleep(0.001)
        done.set()
        assert all(call.result() > 100 for call in calls)


def _call_until(done: threading.Event, manager: Manager, loader: FakeLoader) -> int:
    """Calls that found an open version."""
    count = 0
    while not done.is_set():
        with manager.lease("m") as lease:
            assert not loader.loaded[lease.id].closed
            count += 1
    return count


def _wait(event: threading.Event) -> None:
    assert event.wait(WAIT)


def _fail(error: Exception) -> None:
    raise error


def test_a_lease_knows_whether_its_alias_is_split(manager: Manager, source: FakeSource) -> None:
    source.want("m", {"champion": {1: 1, 2: 1}, "candidate": {2: 1}})
    wait_until(manager, lambda: len(manager.tables()["m"].routes) == 2)
    split = {}
    for name in ("", "candidate", "1"):
        with manager.lease("m", name) as lease:
            split[name] = lease.split
    assert split == {"": True, "candidate": False, "1": False}


def test_every_listener_hears_of_a_new_wish_that_moves_no_traffic_yet(
    manager: Manager, source: FakeSource, loader: FakeLoader
) -> None:
    loader.behaviours[2] = fails
    source.want("m", {"champion": {1: 100}, "candidate": {2: 100}})
    wait_until(manager, lambda: state_of(manager, 2) is State.FAILED)
    heard: list[str] = []
    manager.listeners.extend([lambda: heard.append("a"), lambda: heard.append("b")])
    source.want("m", {"champion": {1: 100}, "candidate": {2: 100}, "shadow": {2: 100}})
    manager.reconcile()
    assert heard == ["a", "b"]
    manager.reconcile()
    assert heard == ["a", "b"]


def fails() -> None:
    raise BadBundle("no")


def test_only_the_first_versions_of_a_server_are_loaded_in_a_hurry(
    manager: Manager, source: FakeSource, loader: FakeLoader
) -> None:
    hurried: dict[int, bool] = {}
    for version in (1, 2):
        loader.behaviours[version] = lambda version=version: hurried.update({version: is_in_a_hurry()})  # type: ignore[misc]  # mypy knows no default
    source.want("m", champion(1))
    wait_until(manager, manager.settled)
    source.want("m", champion(2))
    wait_until(manager, lambda: serving(manager) == 2)
    assert hurried == {1: True, 2: False}, "from then on there are callers to give way to"
