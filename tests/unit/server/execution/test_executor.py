"""Who computes when: places, lines, priorities, deadlines, cancellation, and batches."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotshelf_server.core.clock import SystemClock
from hotshelf_server.core.errors import Cancelled, DeadlineExceeded, InvalidInput, Overloaded
from hotshelf_server.core.model_settings import BatchingSettings, ModelSettings, QueueSettings
from hotshelf_server.core.types import Response, Tensors, VersionId
from hotshelf_server.execution.batches import key_of
from hotshelf_server.execution.executor import Executor
from hotshelf_server.execution.job import Job, Part, Patience, Terms
from hotshelf_server.observability.statistics import Statistics

WAIT = 10.0
M, N = VersionId("m", 1), VersionId("n", 1)
clock = SystemClock()


@dataclass
class Bench:
    """An executor, threads that call it, and the settings of every model."""

    settings: ModelSettings = field(default_factory=ModelSettings)
    places: int = 1
    statistics: Statistics = field(default_factory=Statistics)
    order: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.executor = Executor(lambda _: self.settings, self.places, clock, self.statistics)
        self.callers = ThreadPoolExecutor(64)

    def call(self, job: Job[Any], cancellation: Any = None) -> "Future[Any]":
        """Run a job on a thread of its own."""
        return self.callers.submit(self.executor.run, job, cancellation)

    def waiting(self, count: int, model: str = "m") -> None:
        """Until so many wait."""
        wait_until(lambda: self.executor.waiting().get(VersionId(model, 1), 0) == count)

    def noted(self, name: str, terms: Terms = Terms(5), version: VersionId = M) -> Job[None]:  # noqa: B008 - frozen
        """A job that notes that it was computed."""
        return Job(version, partial(self.order.append, name), terms)


class Held:
    """A job's work that goes on until it is let go."""

    def __init__(self, version: VersionId = M, terms: Terms = Terms(5)) -> None:  # noqa: B008 - it is frozen
        self.begun = threading.Event()
        self.done = threading.Event()
        self.job: Job[str] = Job(version, self._work, terms)

    def _work(self) -> str:
        self.begun.set()
        assert self.done.wait(WAIT)
        return "held"


@pytest.fixture
def hold() -> Iterator[Callable[..., Held]]:
    """Makes held jobs, and lets all of them go at the end."""
    made: list[Held] = []

    def make(version: VersionId = M, terms: Terms = Terms(5)) -> Held:  # noqa: B008 - it is frozen
        made.append(Held(version, terms))
        return made[-1]

    yield make
    for one in made:
        one.done.set()


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def soon(seconds: float) -> Terms:
    """The terms of a caller who gives up then."""
    return Terms(5, deadline=clock.monotonic() + seconds)


def test_a_call_that_finds_a_place_computes_on_its_own_thread() -> None:
    bench = Bench()
    job = Job(M, threading.get_ident, Terms(5))
    assert bench.executor.run(job) == threading.get_ident()
    assert bench.executor.waiting() == {M: 0}


def test_what_the_work_raises_reaches_the_caller_and_the_place_is_free_again() -> None:
    bench = Bench()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            bench.executor.run(Job(M, lambda: 1 // 0, Terms(5)))


def test_calls_wait_by_priority_and_then_in_the_order_in_which_they_came(hold: Callable[..., Held]) -> None:
    bench = Bench()
    first = hold()
    calls = [bench.call(first.job)]
    first.begun.wait(WAIT)
    for place, (name, priority) in enumerate([("c", 5), ("d", 5), ("b", 2), ("e", 9), ("a", 1)], 1):
        calls.append(bench.call(bench.noted(name, Terms(priority))))
        bench.waiting(place)
    first.done.set()
    for call in calls:
        call.result(WAIT)
    assert bench.order == ["a", "b", "c", "d", "e"]


def test_a_full_line_refuses_with_word_on_when_to_come_again(hold: Callable[..., Held]) -> None:
    bench = Bench(ModelSettings(queue=QueueSettings(max_waiting=1)))
    first = hold()
    bench.call(first.job)
    first.begun.wait(WAIT)
    bench.call(bench.noted("waits"))
    bench.waiting(1)
    with pytest.raises(Overloaded, match="1 calls wait for model 'm' already") as caught:
        bench.executor.run(bench.noted("too many"))
    assert 0 < caught.value.retry_after < 10
    # The line of another model is its own.
    other = bench.call(bench.noted("other", version=N))
    first.done.set()
    other.result(WAIT)


def test_a_model_keeps_to_its_places_and_leaves_those_of_the_server_to_others(hold: Callable[..., Held]) -> None:
    bench = Bench(ModelSettings(concurrency=1), places=2)
    busy = hold()
    bench.call(busy.job)
    busy.begun.wait(WAIT)
    waits = bench.call(bench.noted("waits"))
    bench.waiting(1)
    assert bench.executor.run(Job(N, lambda: "runs", Terms(5))) == "runs"
    assert not waits.done()


def test_models_are_served_in_turn(hold: Callable[..., Held]) -> None:
    bench = Bench()
    first = hold()
    calls = [bench.call(first.job)]
    first.begun.wait(WAIT)
    for count in range(1, 4):
        calls.append(bench.call(bench.noted("m")))
        bench.waiting(count)
    calls.append(bench.call(bench.noted("n", version=N)))
    bench.waiting(1, "n")
    first.done.set()
    for call in calls:
        call.result(WAIT)
    assert bench.order.index("n") == 1


def test_a_model_that_computes_elsewhere_takes_no_place_of_the_server(hold: Callable[..., Held]) -> None:
    bench = Bench(places=1)
    away = hold(terms=Terms(5, elsewhere=True))
    bench.call(away.job)
    away.begun.wait(WAIT)
    assert bench.executor.run(Job(N, lambda: "here", Terms(5))) == "here"
    # but one at a time, as there is one process
    bench.call(bench.noted("next", Terms(5, elsewhere=True)))
    bench.waiting(1)


def test_what_expired_while_it_waited_is_dropped_and_never_computed(hold: Callable[..., Held]) -> None:
    bench = Bench()
    first = hold()
    bench.call(first.job)
    first.begun.wait(WAIT)
    with pytest.raises(DeadlineExceeded, match="waited too long"):
        bench.executor.run(bench.noted("late", soon(0.02)))
    with pytest.raises(DeadlineExceeded, match="waited too long"):
        bench.executor.run(bench.noted("impatient", Terms(5, wait_until=clock.monotonic() + 0.02)))
    assert bench.executor.waiting() == {M: 0}
    first.done.set()
    bench.executor.run(bench.noted("next"))
    assert bench.order == ["next"]


def test_what_cannot_be_met_is_refused_before_it_waits(hold: Callable[..., Held]) -> None:
    bench = Bench()
    bench.executor.run(Job(M, lambda: time.sleep(0.05), Terms(5)))
    with pytest.raises(DeadlineExceeded, match="the answer would take"):
        bench.executor.run(bench.noted("hopeless", soon(0.02)))
    bench.executor.run(bench.noted("possible", soon(5)))
    assert bench.order == ["possible"]


def test_a_caller_who_has_gone_gives_up_their_turn(hold: Callable[..., Held]) -> None:
    bench = Bench()
    first = hold()
    bench.call(first.job)
    first.begun.wait(WAIT)
    gone: list[Callable[[], None]] = []

    def cancellation(tell: Callable[[], None]) -> bool:
        gone.append(tell)
        return True

    call = bench.call(bench.noted("gone"), cancellation)
    bench.waiting(1)
    wait_until(lambda: bool(gone))
    gone[0]()
    with pytest.raises(Cancelled):
        call.result(WAIT)
    with pytest.raises(Cancelled):
        bench.executor.run(bench.noted("gone before"), lambda _: False)
    assert bench.executor.waiting() == {M: 0}
    first.done.set()
    gone[0]()  # gRPC tells of the end of every call, also of one that was answered
    assert bench.order == []


def test_an_answer_of_many_parts_holds_its_place(hold: Callable[..., Held]) -> None:
    bench = Bench()
    with bench.executor.place(bench.noted("parts")):
        other = bench.call(bench.noted("other"))
        bench.waiting(1)
        assert not other.done()
    other.result(WAIT)
    assert bench.statistics.snapshot()[M].executions == 2


@pytest.mark.parametrize("priority", [-1, 11])
def test_an_unknown_priority_is_refused(priority: int) -> None:
    with pytest.raises(InvalidInput, match=f"'priority' is {priority}, expected 1 to 10, or 0 for 5"):
        Bench().executor.terms("m", Patience(priority=priority), elsewhere=False)


def test_terms_are_the_shortest_of_what_was_said() -> None:
    bench = Bench(ModelSettings(queue=QueueSettings(timeout_seconds=3.0)))
    now = clock.monotonic()
    terms = bench.executor.terms("m", Patience(seconds_left=9.0, timeout_seconds=5.0), elsewhere=True)
    assert terms.priority == 5
    assert terms.elsewhere
    assert terms.deadline == pytest.approx(now + 9, abs=0.5)
    assert terms.wait_until == pytest.approx(now + 3, abs=0.5)


# Batches


class Model:
    """Adds one to ``x``; refuses a row of -1, and notes the rows of each batch."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def predict(self, inputs: Tensors) -> Response:
        x = inputs["x"]
        self.batches.append(len(x))
        if (x == -1).any():
            raise InvalidInput("a row is -1")
        return Response({"y": x + 1})

    def job(self, x: Any, parameters: Any = None, terms: Terms = Terms(5)) -> Job[Response]:  # noqa: B008 - frozen
        """One request, as the dataplane makes it."""
        inputs = {"x": np.array(x)}
        part = Part(key_of(inputs, parameters or {}), inputs, self.predict)
        return Job(M, partial(self.predict, inputs), terms, part, rows=len(x))


def batching(**values: Any) -> ModelSettings:
    return ModelSettings(batching=BatchingSettings(**{"max_rows": 8, **values}))


def full_line(bench: Bench, hold: Callable[..., Held], jobs: list[Job[Response]]) -> "list[Future[Response]]":
    """Let jobs come while the model is busy, then let it go on."""
    busy = hold()
    bench.call(busy.job)
    busy.begun.wait(WAIT)
    calls = []
    for place, job in enumerate(jobs, 1):
        calls.append(bench.call(job))
        bench.waiting(place)
    busy.done.set()
    return calls


def test_calls_that_wait_are_computed_together(hold: Callable[..., Held]) -> None:
    bench, model = Bench(batching()), Model()
    calls = full_line(bench, hold, [model.job([1.0]), model.job([2.0, 3.0]), model.job([4.0])])
    assert [call.result(WAIT).outputs["y"].tolist() for call in calls] == [[2.0], [3.0, 4.0], [5.0]]
    assert model.batches == [4]
    counts = bench.statistics.snapshot()[M]
    assert counts.batches[4].compute.count == 1


def test_different_parameters_or_shapes_do_not_mix(hold: Callable[..., Held]) -> None:
    bench, model = Bench(batching()), Model()
    jobs = [model.job([1.0]), model.job([2.0], {"p": 1}), model.job([[3.0]]), model.job([4.0])]
    calls = full_line(bench, hold, jobs)
    assert [call.result(WAIT).outputs["y"].tolist() for call in calls] == [[2.0], [3.0], [[4.0]], [5.0]]
    assert sorted(model.batches) == [1, 1, 2]


def test_one_bad_request_in_a_batch_fails_alone(hold: Callable[..., Held]) -> None:
    bench, model = Bench(batching()), Model()
    calls = full_line(bench, hold, [model.job([1.0]), model.job([-1.0]), model.job([2.0])])
    assert calls[0].result(WAIT).outputs["y"].tolist() == [2.0]
    assert calls[2].result(WAIT).outputs["y"].tolist() == [3.0]
    with pytest.raises(InvalidInput, match="a row is -1"):
        calls[1].result(WAIT)


def test_a_batch_waits_for_more_until_it_is_full() -> None:
    bench, model = Bench(batching(max_delay_seconds=10)), Model()
    calls = [bench.call(model.job([float(number)])) for number in range(8)]
    assert [call.result(WAIT).outputs["y"].tolist() for call in calls] == [[number + 1.0] for number in range(8)]
    assert model.batches == [8]


def test_a_batch_goes_at_a_preferred_size() -> None:
    bench, model = Bench(batching(max_delay_seconds=10, preferred_rows=(3,))), Model()
    calls = [bench.call(model.job([1.0])) for _ in range(3)]
    for call in calls:
        call.result(WAIT)
    assert model.batches == [3]


def test_a_batch_without_room_for_the_next_waits_no_longer() -> None:
    bench, model = Bench(batching(max_delay_seconds=10, max_rows=4)), Model()
    first = bench.call(model.job([1.0, 2.0, 3.0]))
    wait_until(lambda: not first.done())
    second = bench.call(model.job([4.0, 5.0]))
    third = bench.call(model.job([6.0, 7.0]))
    assert first.result(WAIT).outputs["y"].tolist() == [2.0, 3.0, 4.0]
    assert second.result(WAIT).outputs["y"].tolist() == [5.0, 6.0]
    assert third.result(WAIT).outputs["y"].tolist() == [7.0, 8.0]


def test_a_batch_waits_no_longer_than_its_members_have() -> None:
    bench, model = Bench(batching(max_delay_seconds=10)), Model()
    assert bench.executor.run(model.job([1.0], terms=soon(0.5))).outputs["y"].tolist() == [2.0]


def test_a_request_larger_than_a_batch_is_computed_alone() -> None:
    bench, model = Bench(batching(max_delay_seconds=10)), Model()
    assert len(bench.executor.run(model.job([1.0] * 20)).outputs["y"]) == 20
    assert model.batches == [20]


def test_one_who_leaves_a_batch_that_is_being_filled_takes_their_rows_along() -> None:
    bench, model = Bench(batching(max_delay_seconds=10, max_rows=2)), Model()
    first = bench.call(model.job([1.0]))
    gone: list[Callable[[], None]] = []

    def cancellation(tell: Callable[[], None]) -> bool:
        gone.append(tell)
        tell()
        return True

    wait_until(lambda: not first.done())
    leaving = bench.call(model.job([2.0], {}), cancellation)
    # It joined and left, or led the way itself: either way the others are answered.
    third = bench.call(model.job([3.0]))
    assert third.result(WAIT).outputs["y"].tolist() == [4.0]
    assert first.result(WAIT).outputs["y"].tolist() == [2.0]
    assert leaving.exception(WAIT) is None or isinstance(leaving.exception(), Cancelled)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 10**6), min_size=1, max_size=6), min_size=1, max_size=24),
    st.integers(2, 12),
    st.integers(1, 3),
    st.sampled_from([0.0, 0.002]),
)
def test_every_caller_gets_the_answer_to_their_own_request(
    requests: list[list[int]], max_rows: int, concurrency: int, delay: float
) -> None:
    values = ModelSettings(
        concurrency=concurrency, batching=BatchingSettings(max_rows=max_rows, max_delay_seconds=delay)
    )
    bench, model = Bench(values, places=4), Model()
    calls = [bench.call(model.job(request, {"p": len(request) % 2})) for request in requests]
    for request, call in zip(requests, calls, strict=True):
        assert call.result(WAIT).outputs["y"].tolist() == [number + 1 for number in request]
    assert sum(model.batches) == sum(map(len, requests))
    assert bench.executor.waiting() == {M: 0}
    bench.callers.shutdown()


def test_a_version_that_hangs_holds_up_no_other_of_its_model(hold: Callable[..., Held]) -> None:
    bench = Bench(ModelSettings(concurrency=1, queue=QueueSettings(max_waiting=1)), places=2)
    held = hold()
    calls = [bench.call(held.job)]
    held.begun.wait(WAIT)
    calls.append(bench.call(bench.noted("waits")))
    bench.waiting(1)
    bench.executor.run(bench.noted("other", version=VersionId("m", 2)))
    assert bench.order == ["other"]
    held.done.set()
    for call in calls:
        call.result(WAIT)


def test_lines_of_versions_that_nobody_calls_any_more_are_forgotten() -> None:
    class Late(SystemClock):
        def monotonic(self) -> float:
            return super().monotonic() + ahead[0]

    ahead = [0.0]
    executor = Executor(lambda _: ModelSettings(), 1, Late(), Statistics())
    for number in range(1, 4):
        executor.run(Job(VersionId(f"m{number}", 1), lambda: None, Terms(5)))
        ahead[0] += 10
    assert list(executor.waiting()) == [VersionId("m3", 1)]
