"""Schedules begin trainings at their times, and make up for what was missed at most once."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from hotshelf_trainer.jobs.intake import Intake
from hotshelf_trainer.jobs.pulse import Pulse
from hotshelf_trainer.jobs.scheduler import Scheduler
from hotshelf_trainer.jobs.schedules import Schedules
from hotshelf_trainer.jobs.training import End, Limits, Spec, State, Training
from hotshelf_trainer.jobs.trainings import Trainings
from tests.fakes.clock import FakeClock

HOUR, DAY = 3_600.0, 86_400.0
SPEC = Spec("name: shop\ndata: {columns: {customer: c, product: p, time: t}}")


@pytest.fixture
def schedules(engine: Engine, clock: FakeClock) -> Schedules:
    return Schedules(engine, clock.now)


@pytest.fixture
def scheduler(schedules: Schedules, trainings: Trainings, tmp_path: Path, clock: FakeClock) -> Scheduler:
    intake = Intake(trainings, tmp_path, Limits(60.0, 1 << 30), Pulse(), lambda: False)
    return Scheduler(schedules, trainings, intake, clock.now)


def begun(trainings: Trainings) -> list[Training]:
    return trainings.before(None, 100)


def end_the_running(trainings: Trainings) -> None:
    training = trainings.claim()
    assert training is not None
    trainings.end(training.number, End(State.SUCCEEDED))


def test_a_training_begins_at_its_time_and_only_once(
    scheduler: Scheduler, schedules: Schedules, trainings: Trainings, clock: FakeClock
) -> None:
    number = schedules.add(SPEC, "0 * * * *", DAY).number
    scheduler.look()
    assert begun(trainings) == []
    clock.advance(HOUR)
    scheduler.look()
    scheduler.look()
    (training,) = begun(trainings)
    assert (training.spec, training.schedule) == (SPEC, number)
    assert schedules.before(None, 1)[0].last_training == training.number


def test_many_missed_times_begin_one_training(
    scheduler: Scheduler, schedules: Schedules, trainings: Trainings, clock: FakeClock
) -> None:
    schedules.add(SPEC, "* * * * *", HOUR)
    clock.advance(300 * DAY)
    scheduler.look()
    end_the_running(trainings)
    scheduler.look()
    assert len(begun(trainings)) == 1


def test_what_was_missed_by_too_much_begins_none(
    scheduler: Scheduler, schedules: Schedules, trainings: Trainings, clock: FakeClock
) -> None:
    schedules.add(SPEC, "0 4 * * *", 60.0)
    clock.advance(DAY + 17 * HOUR)
    scheduler.look()
    assert begun(trainings) == []
    clock.advance(DAY)
    scheduler.look()
    assert begun(trainings) == []


def test_a_time_that_comes_while_the_last_training_runs_is_made_up_for_when_it_has_ended(
    scheduler: Scheduler, schedules: Schedules, trainings: Trainings, clock: FakeClock
) -> None:
    schedules.add(SPEC, "* * * * *", HOUR)
    for _ in range(5):
        clock.advance(60)
        scheduler.look()
    assert len(begun(trainings)) == 1
    end_the_running(trainings)
    scheduler.look()
    assert len(begun(trainings)) == 2


def test_a_trainer_that_died_before_it_noted_a_time_begins_no_second_training(
    scheduler: Scheduler, schedules: Schedules, trainings: Trainings, clock: FakeClock
) -> None:
    made = schedules.add(SPEC, "0 * * * *", DAY)
    clock.advance(HOUR)
    scheduler.look()
    end_the_running(trainings)
    schedules.dealt_with(made.number, made.seen)
    scheduler.look()
    assert len(begun(trainings)) == 1


def test_a_schedule_whose_recipe_fits_no_longer_skips_the_time_and_keeps_no_other_waiting(
    scheduler: Scheduler, schedules: Schedules, trainings: Trainings, clock: FakeClock
) -> None:
    good = schedules.add(SPEC, "0 * * * *", DAY)
    schedules.add(Spec("name: shop"), "0 * * * *", DAY)
    clock.advance(HOUR)
    scheduler.look()
    assert [training.schedule for training in begun(trainings)] == [good.number]
    assert schedules.before(None, 1)[0].seen > good.seen


def test_a_full_queue_keeps_the_time_waiting(
    scheduler: Scheduler, schedules: Schedules, trainings: Trainings, clock: FakeClock
) -> None:
    for _ in range(3):
        trainings.add(SPEC, "shop", Limits(1.0, 1))
    schedules.add(SPEC, "0 * * * *", DAY)
    clock.advance(HOUR)
    scheduler.look()
    assert len(begun(trainings)) == 3
    end_the_running(trainings)
    scheduler.look()
    assert len(begun(trainings)) == 4
