"""Beyond a bound calls are refused, never queued."""

import threading

import pytest

from hotshelf_server.core.errors import DeadlineExceeded, Overloaded, ServerDraining
from hotshelf_server.execution.admission import RETRY_AFTER, Admission


def test_calls_up_to_the_limit_run_and_the_next_is_told_when_to_come_again() -> None:
    admission = Admission(2)
    with admission.slot(None), admission.slot(None):
        assert admission.running == 2
        with pytest.raises(Overloaded, match="2 calls are running already") as caught, admission.slot(None):
            pass
        assert caught.value.retry_after == RETRY_AFTER
    with admission.slot(None):
        assert admission.running == 1


def test_a_call_that_fails_gives_its_slot_back() -> None:
    admission = Admission(1)
    with pytest.raises(ZeroDivisionError), admission.slot(None):
        raise ZeroDivisionError
    assert admission.running == 0


@pytest.mark.parametrize("seconds_left", [0.0, -1.0])
def test_a_call_whose_time_is_up_is_not_begun(seconds_left: float) -> None:
    with pytest.raises(DeadlineExceeded), Admission(1).slot(seconds_left):
        raise AssertionError


def test_once_closed_none_is_taken_and_those_that_run_are_waited_for() -> None:
    admission = Admission(2)
    leave = threading.Event()
    entered = threading.Event()

    def call() -> None:
        with admission.slot(None):
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=call)
    thread.start()
    assert entered.wait(10)
    admission.close()
    with pytest.raises(ServerDraining), admission.slot(None):
        pass
    assert not admission.wait_until_idle(0.01)
    leave.set()
    assert admission.wait_until_idle(10)
    thread.join()
