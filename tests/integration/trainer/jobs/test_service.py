"""The training service as its clients see it, over real gRPC and real processes."""

from collections.abc import Iterator

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from hotshelf.training.v1 import training_pb2 as pb
from hotshelf.training.v1.training_pb2_grpc import TrainingServiceStub
from hotshelf_client.errors import Conflict, InvalidInput, NotFound
from hotshelf_client.training_answers import Line, Stage, StateChange
from hotshelf_client.training_specs import TrainingSpec
from hotshelf_client.trainings import TrainingClient
from hotshelf_trainer.jobs.errors import Full
from hotshelf_trainer.jobs.service import Streams
from tests.integration.conftest import wait_until
from tests.integration.trainer.jobs.conftest import RECIPE, Serve, start


@pytest.fixture
def stub(serve: Serve) -> Iterator[TrainingServiceStub]:
    with grpc.insecure_channel(f"localhost:{serve().port}") as channel:
        yield TrainingServiceStub(channel)


def last_state(client: TrainingClient, training: int) -> str:
    return [event.what.state for event in client.watch(training) if isinstance(event.what, StateChange)][-1]


def test_a_training_is_watched_from_its_first_event_to_its_last(client: TrainingClient) -> None:
    training = start(client)
    events = list(client.watch(training))
    assert [event.sequence for event in events] == [1, 2, 3, 4, 5]
    assert [event.what for event in events] == [
        StateChange("queued", "", "", 0),
        StateChange("running", "", "", 1),
        Stage("Reading", 1.0, over=True, seconds=0.5),
        Line("model succeed"),
        StateChange("succeeded", "", "version 7", 1),
    ]
    assert all(event.at is not None and event.dropped == 0 for event in events)
    assert [event.sequence for event in client.watch(training, after=3)] == [4, 5]
    assert list(client.watch(training, after=99)) == []


@pytest.mark.parametrize(
    ("what", "state", "reason", "version"),
    [("succeed", "succeeded", "", 7), ("refuse", "refused", "", 7), ("fail", "failed", "MISTAKE", None)],
)
def test_the_end_is_told(client: TrainingClient, what: str, state: str, reason: str, version: int | None) -> None:
    training = start(client, what)
    assert last_state(client, training) == state
    end = client.get(training)
    assert (end.state, end.reason, end.version, end.attempt) == (state, reason, version, 1)
    assert end.created_at is not None
    assert end.started_at is not None
    assert end.ended_at is not None
    assert end.created_at <= end.started_at <= end.ended_at


def test_one_runs_and_the_others_wait_in_their_order(client: TrainingClient) -> None:
    first, second, third = start(client, "wait"), start(client, "wait"), start(client)
    wait_until(lambda: client.get(first).state == "running")
    assert [client.get(number).state for number in (second, third)] == ["queued", "queued"]
    assert client.cancel(second).state == "cancelled"
    assert client.cancel(first).cancel_requested
    assert last_state(client, first) == "cancelled"
    assert last_state(client, third) == "succeeded"
    assert client.cancel(third).state == "succeeded"


def test_so_many_run_at_once_as_the_trainer_was_told(serve: Serve) -> None:
    with TrainingClient(f"localhost:{serve(concurrent=2).port}", timeout=20) as client:
        numbers = [start(client, "wait") for _ in range(3)]
        wait_until(lambda: [client.get(number).state for number in numbers] == ["running", "running", "queued"])


def test_a_request_that_comes_twice_starts_one_training(client: TrainingClient) -> None:
    assert start(client, request_id="r") == start(client, request_id="r")
    with pytest.raises(Conflict, match="REQUEST_ID_TAKEN: request_id 'r'") as conflict:
        start(client, "refuse", request_id="r")
    assert conflict.value.code is grpc.StatusCode.ALREADY_EXISTS


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ("name: shop", "INVALID_RECIPE: recipe: not a recipe"),
        (RECIPE.replace("{columns", "{path: ../a.csv, columns"), "data.path: ../a.csv is outside"),
        ("x" * 300_000, "INVALID_REQUEST: recipe: 300000 bytes"),
    ],
)
def test_a_bad_recipe_is_refused_before_it_waits(client: TrainingClient, recipe: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        client.start(TrainingSpec(recipe))
    assert client.list() == []


def test_lists_come_in_pages_and_leave_recipes_out(stub: TrainingServiceStub) -> None:
    spec = pb.TrainingSpec(recipe=RECIPE, overrides=["name=fail"])
    started = [stub.StartTraining(pb.StartTrainingRequest(spec=spec)).training for _ in range(5)]
    assert started[0].spec == spec
    found: list[int] = []
    request = pb.ListTrainingsRequest(page_size=2)
    for _ in range(3):
        answer = stub.ListTrainings(request)
        assert not any(one.HasField("spec") for one in answer.trainings)
        found += [one.id for one in answer.trainings]
        request.page_token = answer.next_page_token
    assert answer.next_page_token == ""
    assert found == [one.id for one in reversed(started)]


def test_lists_are_filtered(client: TrainingClient) -> None:
    one, other = start(client, model="one"), start(client, "refuse", model="other")
    for training in (one, other):
        last_state(client, training)
    assert [training.id for training in client.list(model="other")] == [other]
    assert [training.id for training in client.list(states=["succeeded"])] == [one]
    assert [training.id for training in client.list(states=["succeeded", "REFUSED"])] == [other, one]
    assert [training.id for training in client.list(most=1)] == [other]
    with pytest.raises(InvalidInput, match="state 'done': expected one of queued"):
        client.list(states=["done"])


@pytest.mark.parametrize(
    "request_",
    [
        pb.ListTrainingsRequest(page_size=-1),
        pb.ListTrainingsRequest(page_size=1_001),
        pb.ListTrainingsRequest(page_token="x"),
        pb.ListTrainingsRequest(states=[pb.TRAINING_STATE_UNSPECIFIED]),
    ],
    ids=str,
)
def test_a_list_that_cannot_be_is_refused(stub: TrainingServiceStub, request_: pb.ListTrainingsRequest) -> None:
    with pytest.raises(grpc.RpcError) as refusal:
        stub.ListTrainings(request_)
    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("number", [0, 9, 2**64 - 1])
def test_an_unknown_training_is_not_found_by_any_call(client: TrainingClient, number: int) -> None:
    for call in (client.get, client.cancel, lambda number: list(client.watch(number))):
        with pytest.raises(NotFound, match="TRAINING_NOT_FOUND"):
            call(number)


def test_schedules_are_made_listed_and_deleted(stub: TrainingServiceStub) -> None:
    spec = pb.TrainingSpec(recipe=RECIPE, author="ann")
    request = pb.CreateScheduleRequest(spec=spec, cron="30 4 * * *", request_id="r")
    made = stub.CreateSchedule(request).schedule
    assert stub.CreateSchedule(request).schedule == made
    assert (made.spec, made.catch_up_seconds) == (spec, 86_400.0)
    assert 0 < made.next_at.seconds - made.created_at.seconds <= 86_400
    (listed,) = stub.ListSchedules(pb.ListSchedulesRequest()).schedules
    assert (listed.id, listed.spec.author, listed.spec.recipe) == (made.id, "ann", "")
    stub.DeleteSchedule(pb.DeleteScheduleRequest(id=made.id))
    assert not stub.ListSchedules(pb.ListSchedulesRequest()).schedules
    with pytest.raises(grpc.RpcError) as missing:
        stub.DeleteSchedule(pb.DeleteScheduleRequest(id=made.id))
    assert missing.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    "changes",
    [{"cron": "daily"}, {"cron": "* * * * *", "catch_up_seconds": 1.0}, {"cron": "* * * * *", "spec": {"recipe": "a"}}],
    ids=str,
)
def test_a_schedule_that_cannot_be_is_refused(stub: TrainingServiceStub, changes: dict[str, object]) -> None:
    request = pb.CreateScheduleRequest(**{"spec": pb.TrainingSpec(recipe=RECIPE), **changes})  # type: ignore[arg-type]  # one of them each
    with pytest.raises(grpc.RpcError) as refusal:
        stub.CreateSchedule(request)
    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_streams_are_bounded_and_freed_when_they_end() -> None:
    streams = Streams(1)
    with streams.one(), pytest.raises(Full, match="1 streams are open"), streams.one():
        pass
    with streams.one():
        pass


def test_a_watcher_who_leaves_frees_the_stream(client: TrainingClient) -> None:
    training = start(client, "wait")
    for _ in range(70):
        watching = client.watch(training)
        next(watching)
        watching.close()  # type: ignore[attr-defined]  # it is a generator
    assert next(client.watch(training)).sequence == 1


def test_health_tells_that_it_serves(serve: Serve) -> None:
    with grpc.insecure_channel(f"localhost:{serve().port}") as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for name in ("", "hotshelf.training.v1.TrainingService"):
            assert (
                health.Check(health_pb2.HealthCheckRequest(service=name)).status
                == health_pb2.HealthCheckResponse.SERVING
            )
        with pytest.raises(grpc.RpcError) as unknown:
            health.Check(health_pb2.HealthCheckRequest(service="shop"))
        assert unknown.value.code() is grpc.StatusCode.NOT_FOUND
        assert next(health.Watch(health_pb2.HealthCheckRequest())).status == health_pb2.HealthCheckResponse.SERVING
