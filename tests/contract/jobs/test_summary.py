"""What is told of all trainings together."""

import pytest
from sqlalchemy import Engine

from hotshelf_trainer.jobs.metrics import EndedCounts
from hotshelf_trainer.jobs.summary import summary
from hotshelf_trainer.jobs.training import End, State
from hotshelf_trainer.jobs.trainings import Trainings
from tests.contract.jobs.test_trainings import added
from tests.fakes.clock import FakeClock


def run(trainings: Trainings, clock: FakeClock, state: State, model: str = "shop", seconds: float = 10.0) -> None:
    """One training, from its request to its end."""
    training = added(trainings, model=model)
    trainings.claim()
    clock.advance(seconds)
    trainings.end(training.number, End(state))


def test_without_trainings_every_state_is_told_and_nothing_waits(engine: Engine) -> None:
    found = summary(engine)
    assert found.states == dict.fromkeys(State, 0)
    assert (found.successes, found.waiting_since) == ({}, None)


def test_the_last_good_end_of_each_model_and_the_longest_wait_are_found(
    engine: Engine, trainings: Trainings, clock: FakeClock
) -> None:
    run(trainings, clock, State.SUCCEEDED)
    first = clock.now()
    run(trainings, clock, State.NOT_NEEDED, "other")
    second = clock.now()
    run(trainings, clock, State.FAILED)
    waits_since = clock.now()
    added(trainings)
    clock.advance(5)
    added(trainings)
    found = summary(engine)
    assert found.successes == {"other": second, "shop": first}
    assert found.waiting_since == waits_since
    assert {state: count for state, count in found.states.items() if count} == {
        State.SUCCEEDED: 1,
        State.NOT_NEEDED: 1,
        State.FAILED: 1,
        State.QUEUED: 2,
    }


def test_what_ends_is_counted_from_zero_with_its_duration(
    trainings: Trainings, clock: FakeClock, counts: EndedCounts
) -> None:
    run(trainings, clock, State.REFUSED, seconds=20.0)
    waiting = added(trainings)
    trainings.cancel(waiting.number)
    added(trainings, model="other")
    found = counts.states()
    assert (found["shop", State.REFUSED], found["shop", State.CANCELLED], found["shop", State.FAILED]) == (1, 1, 0)
    assert found["other", State.FAILED] == 0
    assert counts.durations()["shop"].sum == pytest.approx(20.0)


def test_an_end_that_did_not_happen_is_not_counted(trainings: Trainings, clock: FakeClock, counts: EndedCounts) -> None:
    run(trainings, clock, State.SUCCEEDED)
    trainings.end(1, End(State.FAILED))
    assert counts.states()["shop", State.FAILED] == 0
