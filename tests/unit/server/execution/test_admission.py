"""What is let in, and what is refused at the door."""

import threading

import pytest

from hotshelf_server.core.errors import DeadlineExceeded, Overloaded, ServerDraining
from hotshelf_server.execution.admission import RETRY_AFTER, Admission


def never() -> bool:
    return False


def test_calls_that_run_are_counted() -> None:
    admission = Admission(never)
    with admission.slot(None), admission.slot(None):
        assert admission.running == 2
    assert admission.running == 0


def test_one_call_too_many_is_told_when_to_come_again() -> None:
    with pytest.raises(Overloaded, match="as many calls run or wait") as caught, Admission(lambda: True).slot(None):
        pass
    assert caught.value.retry_after == RETRY_AFTER


def test_a_call_that_fails_gives_its_slot_back() -> None:
    admission = Admission(never)
    with pytest.raises(ZeroDivisionError), admission.slot(None):
        raise ZeroDivisionError
    assert admission.running == 0


@pytest.mark.parametrize("seconds_left", [0.0, -1.0])
def test_a_call_whose_time_is_up_is_not_begun(seconds_left: float) -> None:
    with pytest.raises(DeadlineExceeded), Admission(never).slot(seconds_left):
        raise AssertionError


def test_once_closed_none_is_taken_and_those_that_run_are_waited_for() -> None:
    admission = Admission(never)
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
