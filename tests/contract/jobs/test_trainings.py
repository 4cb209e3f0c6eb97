"""What every database makes of trainings."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from hotshelf_trainer.jobs.errors import Full, RequestIdTaken, TrainingNotFound
from hotshelf_trainer.jobs.events import Events
from hotshelf_trainer.jobs.training import (
    MAX_ATTEMPTS,
    MAX_DETAIL,
    MAX_LAST_WORDS,
    End,
    Limits,
    LogLine,
    Reason,
    Spec,
    State,
    StateChange,
    Training,
)
from hotshelf_trainer.jobs.trainings import Trainings
from tests.contract.jobs.conftest import KEPT
from tests.fakes.clock import FakeClock

LIMITS = Limits(60.0, 1 << 40)
SPEC = Spec("name: shop", ("a=1", "b='2'"), until="2026-01-01", author="ann", limits=Limits(30.0, 5))
AGAIN = Spec("name: shop", restart_if_lost=True)


def added(trainings: Trainings, spec: Spec = SPEC, model: str = "shop", request_id: str = "") -> Training:
    return trainings.add(spec, model, LIMITS, request_id)


def states(events: Events, training: Training) -> list[State]:
    return [event.what.state for event in events.after(training.number, 0, 100) if isinstance(event.what, StateChange)]


def test_a_training_is_kept_as_it_was_asked_for(trainings: Trainings, clock: FakeClock) -> None:
    training = trainings.add(SPEC, "shop", LIMITS, "request", schedule=7)
    assert trainings.get(training.number) == training
    assert training == Training(
        number=training.number,
        spec=SPEC,
        model="shop",
        limits=LIMITS,
        state=State.QUEUED,
        attempt=0,
        created_at=clock.now(),
        request_id="request",
        schedule=7,
    )


@pytest.mark.parametrize("number", [0, 99, 2**63 - 1])
def test_an_unknown_training_is_not_found(trainings: Trainings, number: int) -> None:
    with pytest.raises(TrainingNotFound, match=str(number)):
        trainings.get(number)
    with pytest.raises(TrainingNotFound, match=str(number)):
        trainings.cancel(number)


def test_the_same_request_gives_the_same_training_whatever_became_of_it(trainings: Trainings) -> None:
    training = added(trainings, request_id="r")
    assert added(trainings, request_id="r") == training
    trainings.cancel(training.number)
    assert added(trainings, request_id="r").state is State.CANCELLED
    assert added(trainings).number != added(trainings).number, "without an id every request is a new one"


def test_a_request_id_with_other_content_is_refused(trainings: Trainings) -> None:
    added(trainings, request_id="r")
    with pytest.raises(RequestIdTaken, match="'r': training"):
        added(trainings, AGAIN, request_id="r")


def test_one_request_that_comes_eight_times_at_once_gives_one_training(trainings: Trainings) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: added(trainings, request_id="r").number, range(8)))
    assert len(set(found)) == 1
    assert len(trainings.before(None, 100)) == 1


def test_no_more_wait_than_may(trainings: Trainings) -> None:
    for _ in range(KEPT):
        added(trainings)
    with pytest.raises(Full, match="5 trainings wait already"):
        added(trainings)
    trainings.claim()
    added(trainings)


def test_trainings_are_taken_in_their_order_each_once(trainings: Trainings, clock: FakeClock) -> None:
    numbers = [added(trainings).number for _ in range(4)]
    clock.advance(5)
    with ThreadPoolExecutor(4) as pool:
        taken = [training for training in pool.map(lambda _: trainings.claim(), range(6)) if training]
    assert sorted(training.number for training in taken) == numbers
    assert {(training.state, training.attempt, training.started_at) for training in taken} == {
        (State.RUNNING, 1, clock.now())
    }
    assert trainings.claim() is None


def test_how_a_training_ended_is_kept_within_bounds(trainings: Trainings, events: Events, clock: FakeClock) -> None:
    training = added(trainings)
    trainings.claim()
    clock.advance(9)
    long = "x" * 20_000
    trainings.end(training.number, End(State.FAILED, Reason.FAULT, f"be\0gin{long}", f"{long}end", version=0))
    ended = trainings.get(training.number)
    assert (ended.state, ended.reason, ended.ended_at) == (State.FAILED, Reason.FAULT, clock.now())
    assert ended.detail.startswith("be\N{REPLACEMENT CHARACTER}gin")
    assert ended.last_words.endswith("end")
    assert (len(ended.detail), len(ended.last_words)) == (MAX_DETAIL, MAX_LAST_WORDS)
    assert states(events, training) == [State.QUEUED, State.RUNNING, State.FAILED]


def test_what_waits_is_cancelled_at_once(trainings: Trainings, events: Events) -> None:
    training = added(trainings)
    assert trainings.cancel(training.number).state is State.CANCELLED
    assert trainings.claim() is None
    assert states(events, training) == [State.QUEUED, State.CANCELLED]


def test_what_runs_is_asked_to_end(trainings: Trainings) -> None:
    training = added(trainings)
    trainings.claim()
    asked = trainings.cancel(training.number)
    assert (asked.state, asked.cancel_requested) == (State.RUNNING, True)


def test_what_has_ended_stays_as_it_is(trainings: Trainings) -> None:
    training = added(trainings)
    trainings.claim()
    trainings.end(training.number, End(State.SUCCEEDED, version=3))
    before = trainings.get(training.number)
    assert trainings.cancel(training.number) == before
    trainings.end(training.number, End(State.FAILED))
    trainings.lose(training.number, "late")
    assert trainings.get(training.number) == before


def test_what_ran_is_lost_and_waits_again_only_if_it_asked_for_that(trainings: Trainings, events: Events) -> None:
    lost, again, waiting = added(trainings), added(trainings, AGAIN), added(trainings)
    trainings.claim()
    trainings.claim()
    assert trainings.lose_all("the trainer ended") == [lost.number, again.number]
    assert trainings.get(lost.number).state is State.LOST
    assert trainings.get(lost.number).detail == "the trainer ended"
    assert states(events, again) == [State.QUEUED, State.RUNNING, State.LOST, State.QUEUED]
    assert trainings.get(waiting.number).attempt == 0
    next_one = trainings.claim()
    assert next_one is not None
    assert (next_one.number, next_one.attempt) == (again.number, 2), "it came before the one that still waits"


def test_a_training_that_is_always_lost_is_given_up(trainings: Trainings) -> None:
    training = added(trainings, AGAIN)
    for _ in range(MAX_ATTEMPTS):
        assert trainings.claim() is not None
        trainings.lose_all("again")
    assert trainings.claim() is None
    assert trainings.get(training.number).state is State.LOST


def test_a_training_that_was_to_be_cancelled_is_not_restarted(trainings: Trainings) -> None:
    training = added(trainings, AGAIN)
    trainings.claim()
    trainings.cancel(training.number)
    trainings.lose_all("the trainer ended")
    assert trainings.get(training.number).state is State.CANCELLED


def test_pages_go_from_the_newest_and_filters_hold(trainings: Trainings) -> None:
    one, two, three = added(trainings), added(trainings, model="other"), added(trainings)
    trainings.cancel(one.number)
    assert [t.number for t in trainings.before(None, 2)] == [three.number, two.number]
    assert [t.number for t in trainings.before(two.number, 2)] == [one.number]
    assert [t.number for t in trainings.before(None, 9, model="other")] == [two.number]
    assert [t.number for t in trainings.before(None, 9, states=[State.CANCELLED])] == [one.number]
    assert trainings.before(None, 9, "other", [State.CANCELLED]) == []


def test_old_ends_are_forgotten_with_their_events_and_numbers_never_come_again(
    trainings: Trainings, events: Events
) -> None:
    numbers: list[int] = []
    for _ in range(KEPT + 2):
        numbers.append(added(trainings, request_id=f"r{len(numbers)}").number)
        trainings.claim()
        trainings.end(numbers[-1], End(State.SUCCEEDED))
    assert [t.number for t in trainings.before(None, 100)] == numbers[:1:-1]
    assert events.count(numbers[0]) == 0
    assert added(trainings, AGAIN, request_id="r0").number == numbers[-1] + 1


def test_events_are_numbered_and_the_oldest_go_first(trainings: Trainings, events: Events, clock: FakeClock) -> None:
    training = added(trainings)
    for number in range(2, 9):
        events.add(training.number, clock.now(), LogLine(f"line {number}"))
    found = events.after(training.number, 0, 100)
    assert [event.sequence for event in found] == [4, 5, 6, 7, 8]
    assert [event.what for event in found] == [LogLine(f"line {number}") for number in range(4, 9)]
    assert [event.sequence for event in events.after(training.number, 6, 1)] == [7]
    assert events.after(training.number, 8, 100) == []


def test_events_from_many_threads_get_numbers_without_gaps(trainings: Trainings, events: Events) -> None:
    training = added(trainings)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: events.add(training.number, 0.0, LogLine(str(n))), range(20)))
    assert [event.sequence for event in events.after(training.number, 0, 100)] == [17, 18, 19, 20, 21]
