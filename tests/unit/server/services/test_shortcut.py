"""Messages whose like was answered before take the short way, for as long as nothing has changed."""

import time
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.model_settings import BatchingSettings, ModelBook, ModelSettings
from hotshelf_server.core.types import Answer, Parameters, Response, Tensors, VersionId
from hotshelf_server.dataplane.plans import SECONDS, Plans
from hotshelf_server.execution.admission import Admission
from hotshelf_server.execution.executor import Executor
from hotshelf_server.models.manager import Manager
from hotshelf_server.observability.records import Records
from hotshelf_server.observability.tallies import TOGETHER
from hotshelf_server.services.shortcut import MAX_BYTES, MAX_MISFITS, MAX_WAITING, SPARE_SECONDS, InferShortcut
from tests.fakes.clock import FakeClock
from tests.fakes.models import FakeLoader, FakeServable, FakeSource

WAIT = 10.0
FOREVER = 9e18


class Bench:
    """A model ``m`` that answers its input, and the short way to it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.source, self.loader = FakeSource(), FakeLoader()
        self.book = ModelBook({})
        self.records = Records()
        self.admission = Admission(lambda: False)
        self.traced = False
        self.manager = Manager(self.source, self.loader, self.clock, poll_seconds=60, load_threads=2)
        executor = Executor(self.book.of, 1, self.clock, self.records.statistics)
        plans = Plans(
            self.manager,
            self.admission,
            executor,
            self.clock,
            tallies=self.records.tallies,
            offer=self.records.values.offer,
            traced=lambda: self.traced,
        )
        self.shortcut = InferShortcut(plans, self.clock)
        self.manager.start()
        self.want({"champion": {1: 100}})

    def want(self, routes: dict[str, dict[int, int]]) -> None:
        """Have these routes hold, and nothing else be there."""
        self.source.want("m", routes)
        self.manager.refresh("m", WAIT)
        versions = {version for weights in routes.values() for version in weights}
        deadline = time.monotonic() + WAIT
        while {one.id.version for one in self.manager.statuses()} != versions:
            assert time.monotonic() < deadline
            time.sleep(0.002)

    def learn(self, value: float = 1.0, version: str = "", reached: int = 1) -> None:
        """Two messages go the usual way."""
        for _ in range(2):
            request = ask(value, version=version)
            self.shortcut.learn(request.SerializeToString(), request, answer(value, reached))

    def reply(self, content: bytes, deadline: float = FOREVER) -> bytes | None:
        """What a message is answered with by the short way."""
        replies: list[bytes | None] = []
        if not self.shortcut.take(content, deadline, replies.append):
            return None
        if self.shortcut.waiting:
            self.shortcut.finish()
        (found,) = replies
        return found

    def answer(
        self, value: float = 2.0, *, identifier: str = "", version: str = "", deadline: float = FOREVER
    ) -> object:
        """The number that a message is answered with by the short way; None where it isn't."""
        content = ask(value, version=version, identifier=identifier).SerializeToString()
        found = self.reply(content, deadline)
        if found is None:
            return None
        response = pb.ModelInferResponse.FromString(found)
        assert response.id == identifier
        return response.model_version, *np.frombuffer(response.raw_output_contents[0])


def ask(value: float, *, version: str = "", identifier: str = "", rows: int = 1) -> pb.ModelInferRequest:
    request = pb.ModelInferRequest(model_name="m", model_version=version, id=identifier)
    request.inputs.add(name="x", datatype="FP64", shape=[rows])
    request.raw_input_contents.append(np.full(rows, float(value)).tobytes())
    return request


def answer(value: float, version: int, rows: int = 1) -> pb.ModelInferResponse:
    response = pb.ModelInferResponse(model_name="m", model_version=str(version))
    response.outputs.add(name="y", datatype="FP64", shape=[rows])
    response.raw_output_contents.append(np.full(rows, float(value)).tobytes())
    return response


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.manager.stop()


def test_a_kind_is_learned_when_it_is_met_again(bench: Bench) -> None:
    request = ask(1.0)
    assert bench.answer() is None
    bench.shortcut.learn(request.SerializeToString(), request, answer(1.0, 1))
    assert bench.answer() is None
    bench.shortcut.learn(request.SerializeToString(), request, answer(1.0, 1))
    assert bench.answer(2.0) == ("1", 2.0)
    assert bench.answer(3.0, identifier="a call") == ("1", 3.0)
    assert bench.answer(2.0, version="1") is None


def test_now_and_then_a_call_goes_the_whole_way(bench: Bench) -> None:
    bench.learn()
    bench.clock.advance(SECONDS)
    assert bench.answer() is None
    bench.learn()
    assert bench.answer() == ("1", 2.0)


def test_calls_go_where_the_routes_lead_at_once(bench: Bench) -> None:
    bench.learn()
    bench.want({"champion": {2: 100}})
    assert bench.answer() is None
    bench.learn(reached=2)
    assert bench.answer() == ("2", 2.0)


@pytest.mark.parametrize("routes", [{"champion": {1: 50, 2: 50}}, {"champion": {1: 100}, "shadow": {2: 100}}])
def test_a_split_or_copied_route_has_no_short_way(bench: Bench, routes: dict[str, dict[int, int]]) -> None:
    bench.want(routes)
    bench.learn()
    assert bench.answer() is None
    if "shadow" not in routes:
        bench.learn(version="1")
        assert bench.answer(version="1") == ("1", 2.0)


@pytest.mark.parametrize(
    "settings", [ModelSettings(batching=BatchingSettings(max_rows=8)), ModelSettings(concurrency=1)]
)
def test_other_settings_hold_at_once(bench: Bench, settings: ModelSettings) -> None:
    bench.learn()
    bench.book.change("m", settings)
    assert bench.answer() is None
    bench.learn()
    assert bench.answer() is None
    bench.book.change("m", None)
    bench.learn()
    assert bench.answer() == ("1", 2.0)


def test_a_call_without_time_to_spare_goes_the_whole_way(bench: Bench) -> None:
    bench.learn()
    assert bench.answer(deadline=bench.clock.now() + SPARE_SECONDS / 2) is None
    bench.learn()
    assert bench.answer(deadline=bench.clock.now() + 2 * SPARE_SECONDS) == ("1", 2.0)


def test_nothing_is_answered_once_the_server_drains(bench: Bench) -> None:
    bench.learn()
    bench.admission.close()
    assert bench.answer() is None


def test_traced_calls_go_the_whole_way(bench: Bench) -> None:
    bench.learn()
    bench.traced = True
    assert bench.answer() is None


class Failing:
    """Raises, or answers with parameters."""

    def __init__(self, answer: Response | None) -> None:
        self.answer = answer

    def __call__(self, inputs: Tensors, parameters: Parameters) -> Answer:
        if self.answer is None:
            raise ZeroDivisionError
        return self.answer


@pytest.mark.parametrize(
    "found", [None, Response({"y": np.ones(1)}, {"a": 1}), Response({"y": np.ones(2)}), Response({"z": np.ones(1)})]
)
def test_what_the_model_does_otherwise_than_before_goes_the_whole_way(bench: Bench, found: Response | None) -> None:
    bench.learn()
    bench.loader.loaded[VersionId("m", 1)].predict = Failing(found)  # type: ignore[method-assign]  # a fake, made to fail
    assert bench.answer() is None


def test_answers_of_another_form_are_learned_anew(bench: Bench) -> None:
    bench.learn()
    bench.loader.loaded[VersionId("m", 1)].predict = Failing(Response({"y": np.ones(2)}))  # type: ignore[method-assign]  # a fake, made to answer otherwise
    assert bench.answer() is None
    request = ask(1.0)
    bench.shortcut.learn(request.SerializeToString(), request, answer(1.0, 1, 2))
    assert bench.answer() == ("1", 1.0, 1.0)


def test_a_kind_whose_answers_come_in_any_form_is_left_alone_until_another_version_answers(bench: Bench) -> None:
    computed = []

    def predict(inputs: Tensors, parameters: Parameters) -> Answer:
        computed.append(inputs)
        return Response({"y": np.ones(2)})

    bench.learn()
    bench.loader.loaded[VersionId("m", 1)].predict = predict  # type: ignore[method-assign]  # a fake, made to answer otherwise
    for _ in range(MAX_MISFITS + 3):
        assert bench.answer() is None
        bench.learn()
    assert len(computed) == MAX_MISFITS
    bench.want({"champion": {2: 100}})
    bench.learn(reached=2)
    assert bench.answer() == ("2", 2.0)


def test_what_could_not_be_computed_says_nothing_of_its_cost(bench: Bench) -> None:
    bench.learn()
    (kind,) = bench.shortcut._kinds.values()
    assert kind.plan is not None
    kind.plan.curve.add(1, 1e-3, bench.clock.monotonic())
    bench.clock.advance(SECONDS)
    assert bench.answer() is None
    bench.learn()
    assert kind.plan.curve.alone(bench.clock.monotonic()) == 1e-3


def test_a_version_stays_while_it_computes_and_goes_after(bench: Bench) -> None:
    bench.learn()
    assert bench.answer() == ("1", 2.0)
    bench.want({"champion": {2: 100}})
    assert bench.loader.loaded[VersionId("m", 2)].closed is False
    assert bench.answer() is None


@pytest.mark.parametrize("calls", [1, 7, TOGETHER, 3 * TOGETHER + 5])
def test_every_call_is_counted(bench: Bench, calls: int) -> None:
    bench.learn()
    for number in range(calls):
        assert bench.answer(float(number)) == ("1", float(number))
    (series,) = bench.records.calls.snapshot().series.values()
    assert series.codes == {"OK": calls}
    assert sum(series.duration.counts) == sum(series.compute.counts) == sum(series.queue.counts) == calls
    counted = bench.records.statistics.snapshot()[VersionId("m", 1)]
    assert (counted.inferences, counted.executions, counted.rows) == (calls, calls, calls)
    assert counted.success.count == counted.compute.count == counted.batches[1].compute.count == calls
    assert counted.last == bench.clock.now()
    assert bench.records.traffic.snapshot("m")[1].ok == calls


def test_large_messages_are_not_learned_from(bench: Bench) -> None:
    rows = MAX_BYTES // 8
    for _ in range(2):
        request = ask(1.0, rows=rows)
        bench.shortcut.learn(request.SerializeToString(), request, answer(1.0, 1, rows))
    assert bench.reply(ask(1.0, rows=rows).SerializeToString()) is None


class Rows(FakeServable):
    """Says that it treats its rows one by one, and remembers how many it computed."""

    def __init__(self) -> None:
        super().__init__()
        self.row_by_row = True
        self.computed: list[int] = []
        self.fails = False

    def predict(self, inputs: Tensors, parameters: Parameters) -> Answer:
        self.computed.append(len(inputs["x"]))
        if self.fails and len(inputs["x"]) > 3:
            raise ZeroDivisionError
        return Response({"y": inputs["x"] * 2})


@pytest.fixture
def together(bench: Bench) -> Rows:
    """The model's next version, by rows."""
    rows = Rows()
    bench.loader.makes[2] = lambda: rows
    bench.want({"champion": {2: 100}})
    for size in (1, 3):
        for _ in range(2):
            request = ask(1.0, rows=size)
            bench.shortcut.learn(request.SerializeToString(), request, answer(1.0, 2, size))
    assert bench.reply(ask(1.0).SerializeToString()) is not None  # so that it is known what a call costs
    rows.computed.clear()
    return rows


def doubled(replies: list[bytes | None]) -> list[list[float]]:
    found = [pb.ModelInferResponse.FromString(one or b"").raw_output_contents[0] for one in replies]
    return [np.frombuffer(raw).tolist() for raw in found]


def take(bench: Bench, values: Sequence[float], sizes: Sequence[int]) -> list[bytes | None]:
    replies: list[bytes | None] = []
    for value, rows in zip(values, sizes, strict=True):
        assert bench.shortcut.take(ask(value, rows=rows).SerializeToString(), FOREVER, replies.append)
    return replies


def test_calls_that_wait_together_are_computed_at_once_and_counted_as_a_batch(bench: Bench, together: Rows) -> None:
    replies = take(bench, [1.0, 2.0, 3.0], [1, 3, 1])
    assert bench.shortcut.waiting
    assert not replies
    assert not together.computed
    bench.shortcut.finish()
    assert doubled(replies) == [[2.0], [4.0] * 3, [6.0]]
    assert together.computed == [5]
    counted = bench.records.statistics.snapshot()[VersionId("m", 2)]
    assert (counted.inferences, counted.executions, counted.rows, counted.batches[5].compute.count) == (6, 2, 6, 1)


def test_calls_of_a_model_that_looks_at_its_rows_together_wait_too_but_are_computed_one_by_one(
    bench: Bench, together: Rows
) -> None:
    together.row_by_row = False
    request = ask(1.0)
    bench.shortcut.learn(request.SerializeToString(), request, answer(1.0, 2, 1))
    replies = take(bench, [1.0, 2.0], [1, 1])
    assert not replies
    bench.shortcut.finish()
    assert doubled(replies) == [[2.0], [4.0]]
    assert together.computed == [1, 1]


def test_no_more_wait_than_may(bench: Bench, together: Rows) -> None:
    replies = take(bench, range(MAX_WAITING), [1] * MAX_WAITING)
    assert doubled(replies) == [[2.0 * number] for number in range(MAX_WAITING)]
    assert together.computed == [MAX_WAITING]
    assert not bench.shortcut.waiting


def test_a_batch_that_fails_is_asked_again_call_by_call(bench: Bench, together: Rows) -> None:
    together.fails = True
    replies = take(bench, [1.0, 2.0], [3, 1])
    bench.shortcut.finish()
    assert replies == [None, None]


def test_of_calls_that_were_computed_together_those_with_an_answer_are_counted(bench: Bench, together: Rows) -> None:
    replies = take(bench, [1.0, 2.0, 3.0], [1, 3, 1])
    other = bench.shortcut._waiting[1].kind
    other.frame = other.frame._replace(outputs=tuple(one._replace(shape=(7,)) for one in other.frame.outputs))
    before = bench.records.traffic.snapshot("m")[2].ok
    bench.shortcut.finish()
    assert replies[1] is None
    assert doubled([replies[0], replies[2]]) == [[2.0], [6.0]]
    assert bench.records.traffic.snapshot("m")[2].ok == before + 2


def test_calls_that_can_not_be_replied_to_or_counted_hold_up_no_others(bench: Bench, together: Rows) -> None:
    replies: list[bytes | None] = []

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    for reply in (fail, replies.append):
        assert bench.shortcut.take(ask(1.0).SerializeToString(), FOREVER, reply)
    bench.shortcut._plans.offer = fail
    bench.shortcut.finish()
    assert doubled(replies) == [[2.0]]


def test_what_is_dearer_together_is_computed_one_by_one(bench: Bench, together: Rows) -> None:
    (kind, *_) = bench.shortcut._kinds.values()
    assert kind.plan is not None
    now = bench.clock.monotonic()
    kind.plan.curve.add(1, 1e-5, now)
    kind.plan.curve.add(2, 3e-5, now)
    replies = take(bench, [1.0, 2.0], [1, 1])
    bench.shortcut.finish()
    assert doubled(replies) == [[2.0], [4.0]]
    assert together.computed == [1, 1]
