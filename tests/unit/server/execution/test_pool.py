"""Calls run up to a bound; beyond it they are refused at once."""

import threading
from collections.abc import Iterator

import pytest

from hotshelf_server.execution.pool import CallPool


@pytest.fixture
def leave() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_what_comes_beyond_the_bound_is_refused_without_waiting(leave: threading.Event) -> None:
    with CallPool(2, "call") as pool:
        running = [pool.submit(leave.wait, 10) for _ in range(2)]
        refused = pool.submit(lambda: pool.refusing)
        assert refused.result(10) is True
        leave.set()
        assert all(one.result(10) for one in running)
        assert pool.submit(lambda: pool.refusing).result(10) is False


def test_no_call_waits_for_another(leave: threading.Event) -> None:
    with CallPool(3, "call") as pool:
        pool.submit(leave.wait, 10)
        pool.submit(leave.wait, 10)
        assert pool.submit(lambda: pool.refusing).result(10) is False
        leave.set()


def test_what_is_to_come_after_the_queue_is_done(leave: threading.Event) -> None:
    with CallPool(2, "call") as pool:
        order: list[str] = []
        pool.submit(order.append, "call").result(10)
        pool.after_queued(lambda: order.append("after"), 10.0)
        assert order == ["call", "after"]


def test_calls_that_never_end_are_not_waited_for_without_limit(leave: threading.Event) -> None:
    with CallPool(1, "call") as pool:
        pool.submit(leave.wait, 10)
        done: list[bool] = []
        pool.after_queued(lambda: done.append(True), 0.01)
        assert done == [True]
        leave.set()
