"""Loads that take long, or for ever, keep no other from running."""

import threading
from collections.abc import Iterator

import pytest

from hotshelf_server.models.load_pool import LONG_SECONDS, LoadPool
from tests.fakes.clock import FakeClock

WAIT = 10.0
PLACES = 2


class Slow:
    """A load that lasts until it is let go."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.go = threading.Event()

    def __call__(self) -> None:
        self.began.set()
        self.go.wait(WAIT)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def pool(clock: FakeClock) -> Iterator[LoadPool]:
    pool = LoadPool(PLACES, clock)
    yield pool
    pool.clear()
    pool.close()


def started(pool: LoadPool, count: int, *, again: bool = False) -> list[Slow]:
    """So many loads that run."""
    loads = [submitted(pool, again=again) for _ in range(count)]
    assert all(load.began.wait(WAIT) for load in loads)
    return loads


def submitted(pool: LoadPool, *, again: bool = False) -> Slow:
    load = Slow()
    pool.submit(load, again=again)
    return load


def end(loads: list[Slow]) -> None:
    for load in loads:
        load.go.set()


def test_no_more_loads_run_at_once_than_there_are_places(pool: LoadPool) -> None:
    running = started(pool, PLACES)
    late = submitted(pool)
    pool.look()
    assert not late.began.wait(0.05)
    end(running[:1])
    assert late.began.wait(WAIT)
    end([*running, late])


def test_loads_that_take_long_make_way_for_as_many_again(pool: LoadPool, clock: FakeClock) -> None:
    running = started(pool, PLACES)
    next_ones = [submitted(pool) for _ in range(PLACES)]
    last = submitted(pool)
    clock.advance(LONG_SECONDS)
    pool.look()
    assert all(load.began.wait(WAIT) for load in next_ones)
    clock.advance(LONG_SECONDS)
    pool.look()
    assert not last.began.wait(0.05), "there is an end to it"
    end([*running, *next_ones, last])


def test_first_attempts_go_before_repeated_ones(pool: LoadPool) -> None:
    running = started(pool, PLACES)
    repeated, first = submitted(pool, again=True), submitted(pool)
    end(running[:1])
    assert first.began.wait(WAIT)
    assert not repeated.began.is_set()
    end([*running, repeated, first])


def test_repeated_attempts_leave_a_thread_for_first_ones(pool: LoadPool, clock: FakeClock) -> None:
    running = started(pool, PLACES, again=True)
    clock.advance(LONG_SECONDS)
    running += started(pool, PLACES - 1, again=True)
    clock.advance(LONG_SECONDS)
    repeated = submitted(pool, again=True)
    pool.look()
    assert not repeated.began.wait(0.05)
    running += started(pool, 1)
    end([*running, repeated])


def test_a_fault_in_one_load_ends_no_thread(pool: LoadPool, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("a listener failed")

    for _ in range(2 * PLACES + 1):
        pool.submit(fail, again=False)
    end(started(pool, 1))
    assert "a load ended in a fault of the server" in caplog.text


def test_what_waits_is_forgotten_on_demand(pool: LoadPool) -> None:
    running = started(pool, PLACES)
    late = submitted(pool)
    pool.clear()
    end(running)
    assert not late.began.wait(0.05)
