"""What every database makes of schedules."""

import pytest

from hotshelf_trainer.jobs.errors import Full, RequestIdTaken, ScheduleNotFound
from hotshelf_trainer.jobs.schedules import Schedule, Schedules
from hotshelf_trainer.jobs.training import Spec
from tests.contract.jobs.conftest import KEPT
from tests.fakes.clock import FakeClock

SPEC = Spec("name: shop", ("a=1",))


def test_a_schedule_is_kept_and_its_times_begin_now(schedules: Schedules, clock: FakeClock) -> None:
    made = schedules.add(SPEC, "0 4 * * *", 3_600.0)
    assert made == Schedule(made.number, SPEC, "0 4 * * *", 3_600.0, clock.now(), clock.now(), 0)
    assert schedules.before(None, 10) == [made]


def test_what_was_dealt_with_is_noted_with_the_training_that_did(schedules: Schedules) -> None:
    number = schedules.add(SPEC, "0 4 * * *", 60.0).number
    schedules.dealt_with(number, 17.0, training=9)
    schedules.dealt_with(number, 18.0)
    (found,) = schedules.before(None, 10)
    assert (found.seen, found.last_training) == (18.0, 9)


def test_the_same_request_makes_one_schedule_and_other_content_is_refused(schedules: Schedules) -> None:
    made = schedules.add(SPEC, "0 4 * * *", 60.0, "r")
    assert schedules.add(SPEC, "0 4 * * *", 60.0, "r") == made
    with pytest.raises(RequestIdTaken, match="'r': schedule"):
        schedules.add(SPEC, "0 5 * * *", 60.0, "r")


def test_there_are_no_more_than_may_be(schedules: Schedules) -> None:
    for _ in range(KEPT):
        schedules.add(SPEC, "0 4 * * *", 60.0)
    with pytest.raises(Full, match="5 schedules"):
        schedules.add(SPEC, "0 4 * * *", 60.0)


def test_a_removed_schedule_is_gone_and_its_number_never_comes_again(schedules: Schedules) -> None:
    number = schedules.add(SPEC, "0 4 * * *", 60.0).number
    schedules.remove(number)
    assert schedules.before(None, 10) == []
    with pytest.raises(ScheduleNotFound, match=f"schedule {number}"):
        schedules.remove(number)
    assert schedules.add(SPEC, "0 4 * * *", 60.0).number > number


def test_pages_go_from_the_newest(schedules: Schedules) -> None:
    one, two, three = (schedules.add(SPEC, f"{minute} 4 * * *", 60.0).number for minute in range(3))
    assert [schedule.number for schedule in schedules.before(None, 2)] == [three, two]
    assert [schedule.number for schedule in schedules.before(two, 2)] == [one]
