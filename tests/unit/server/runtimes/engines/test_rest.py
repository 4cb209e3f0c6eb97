"""A server that computes is waited for, but not for ever."""

from collections.abc import Callable

import pytest

from hotshelf_server.runtimes.engines.rest import LOOK_SECONDS, Rest


class Process:
    """Computes for a share of the time that passes."""

    def __init__(self, *shares: float) -> None:
        self.shares = list(shares)
        self.now = self.computed = 0.0

    def sleep(self, seconds: float) -> None:
        share = self.shares.pop(0) if len(self.shares) > 1 else self.shares[0]
        self.now += seconds
        self.computed += share * seconds


def resting(process: Process, patience: float = 60.0, busy: Callable[[], bool] = lambda: False) -> Rest:
    return Rest(patience, busy=busy, sleep=process.sleep, computed=lambda: process.computed, now=lambda: process.now)


def test_a_process_that_rests_is_not_waited_for() -> None:
    process = Process(0.1)
    resting(process)()
    assert process.now == LOOK_SECONDS


def test_one_that_computes_is_waited_for() -> None:
    process = Process(1.0, 0.5, 0.9, 0.0)
    resting(process)()
    assert process.now == pytest.approx(4 * LOOK_SECONDS)


def test_one_that_is_busy_elsewhere_is_waited_for_as_well() -> None:
    process = Process(0.0)
    resting(process, busy=lambda: process.now < 3 * LOOK_SECONDS)()
    assert process.now == pytest.approx(3 * LOOK_SECONDS)
    resting(process, patience=1.0, busy=lambda: True)()
    assert process.now == pytest.approx(1.0, abs=6 * LOOK_SECONDS)


def test_one_that_never_rests_is_waited_for_once_and_then_only_a_little() -> None:
    process = Process(2.0)
    rest = resting(process, patience=5.0)
    rest()
    assert process.now == pytest.approx(5.0, abs=3 * LOOK_SECONDS)
    before = process.now
    rest()
    assert process.now == pytest.approx(before + LOOK_SECONDS)
