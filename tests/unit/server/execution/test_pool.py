"""Calls wait up to a bound; beyond it they are refused at once."""

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
    with CallPool(1, max_calls=2) as pool:
        running = pool.submit(leave.wait, 10)
        waiting = pool.submit(lambda: pool.refusing)
        refused = pool.submit(lambda: pool.refusing)
        assert refused.result(10) is True
        assert not waiting.done()
        leave.set()
        assert running.result(10)
        assert waiting.result(10) is False
        assert pool.submit(lambda: pool.refusing).result(10) is False


def test_what_is_to_come_after_the_queue_waits_for_the_calls_in_it(leave: threading.Event) -> None:
    with CallPool(1, max_calls=3) as pool:
        order: list[str] = []
        pool.submit(leave.wait, 10)
        pool.submit(order.append, "call")
        last = threading.Thread(target=pool.after_queued, args=(lambda: order.append("after"), 10.0))
        last.start()
        leave.set()
        last.join(10)
        assert order == ["call", "after"]


def test_calls_that_never_end_are_not_waited_for_without_limit(leave: threading.Event) -> None:
    with CallPool(1, max_calls=3) as pool:
        pool.submit(leave.wait, 10)
        done: list[bool] = []
        pool.after_queued(lambda: done.append(True), 0.01)
        assert done == [True]
        leave.set()
