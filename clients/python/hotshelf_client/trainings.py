"""The client of a trainer that runs trainings for others."""

import builtins
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from hotshelf.training.v1 import training_pb2 as pb
from hotshelf.training.v1.training_pb2_grpc import TrainingServiceStub
from hotshelf_client.channel import open_channel
from hotshelf_client.errors import InvalidInput, Unavailable, translated
from hotshelf_client.registry import time_of, word
from hotshelf_client.training_answers import Line, Schedule, Stage, StateChange, Training, TrainingEvent
from hotshelf_client.training_specs import TrainingSpec

PREFIX = "TRAINING_STATE_"
MAX_PAGE = 1_000
"""Entries that a trainer gives at once."""

Entry = TypeVar("Entry")
PATIENCE = 60
"""Times that a broken stream is taken up again, a second apart, before its error counts."""


class TrainingClient:
    """Calls one trainer. May be shared by threads; close it, or use it in ``with``.

    ``address`` is ``host:port``; ``timeout`` bounds every call but watching, in seconds. All errors are
    `HotshelfError`.
    """

    def __init__(self, address: str, *, timeout: float = 10.0, sleep: Callable[[float], None] = time.sleep) -> None:
        self._timeout = timeout
        self._sleep = sleep
        # A trainer that stops still tells how its trainings are.
        self._channel = open_channel(address, only_healthy=False)
        self._stub = TrainingServiceStub(self._channel)

    def close(self) -> None:
        """Give the connection back."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, spec: TrainingSpec, *, request_id: str = "") -> Training:
        """Start a training; without ``request_id`` it gets a random one.

        The same id with the same content gives the same training. Raises `InvalidInput` for a recipe that is none.
        """
        request = pb.StartTrainingRequest(spec=spec.message(), request_id=request_id or uuid.uuid4().hex)
        with translated():
            return _training(self._stub.StartTraining(request, timeout=self._timeout).training)

    def get(self, training: int) -> Training:
        """One training, as it is now. Raises `NotFound`."""
        with translated():
            return _training(self._stub.GetTraining(pb.GetTrainingRequest(id=training), timeout=self._timeout).training)

    def cancel(self, training: int) -> Training:
        """Ask a training to end. Raises `NotFound`."""
        with translated():
            request = pb.CancelTrainingRequest(id=training)
            return _training(self._stub.CancelTraining(request, timeout=self._timeout).training)

    def list(self, *, model: str = "", states: Sequence[str] = (), most: int = 100) -> list[Training]:
        """The newest trainings, at most so many: of a model, in one of some states (default: all)."""
        request = pb.ListTrainingsRequest(model=model, states=[_state(state) for state in states])
        ask = partial(self._stub.ListTrainings, timeout=self._timeout)
        return _paged(request, ask, lambda answer: map(_training, answer.trainings), most)

    def create_schedule(
        self, spec: TrainingSpec, cron: str, *, catch_up_seconds: float = 0.0, request_id: str = ""
    ) -> Schedule:
        """Have trainings begin at the times of a cron pattern (five fields, UTC); as `start` otherwise.

        A time that was missed for more than ``catch_up_seconds`` (0: a day) is not made up for.
        """
        request = pb.CreateScheduleRequest(
            spec=spec.message(),
            cron=cron,
            catch_up_seconds=catch_up_seconds,
            request_id=request_id or uuid.uuid4().hex,
        )
        with translated():
            return _schedule(self._stub.CreateSchedule(request, timeout=self._timeout).schedule)

    def schedules(self, *, most: int = 100) -> builtins.list[Schedule]:
        """The newest schedules, at most so many."""
        ask = partial(self._stub.ListSchedules, timeout=self._timeout)
        return _paged(pb.ListSchedulesRequest(), ask, lambda answer: map(_schedule, answer.schedules), most)

    def delete_schedule(self, schedule: int) -> None:
        """End a schedule; trainings that it began stay. Raises `NotFound`."""
        with translated():
            self._stub.DeleteSchedule(pb.DeleteScheduleRequest(id=schedule), timeout=self._timeout)

    def watch(self, training: int, after: int = 0) -> Iterator[TrainingEvent]:
        """The events of a training after a sequence number, those that were and those that come, until it has ended.

        A trainer that is gone for less than a minute is waited for, and no event comes twice.
        """
        patience = PATIENCE
        while True:
            try:
                for event in self._watch(training, after):
                    after = event.sequence
                    patience = PATIENCE
                    yield event
            except Unavailable:
                if not patience:
                    raise
                patience -= 1
                self._sleep(1.0)
            else:
                return

    def _watch(self, training: int, after: int) -> Iterator[TrainingEvent]:
        request = pb.WatchTrainingRequest(id=training, after_sequence=after)
        with translated():
            stream = self._stub.WatchTraining(request)
            try:
                for answer in stream:
                    yield _event(answer)
            finally:
                stream.cancel()


def _paged(
    request: Any, ask: Callable[[Any], Any], entries: Callable[[Any], Iterable[Entry]], most: int
) -> list[Entry]:
    """At most so many entries, page by page."""
    found: list[Entry] = []
    while len(found) < most:
        request.page_size = min(MAX_PAGE, most - len(found))
        with translated():
            answer = ask(request)
        found += entries(answer)
        if not answer.next_page_token:
            break
        request.page_token = answer.next_page_token
    return found


def _state(name: str) -> pb.TrainingState.ValueType:
    try:
        return pb.TrainingState.Value(PREFIX + name.upper())
    except ValueError:
        known = ", ".join(key.removeprefix(PREFIX).lower() for key in pb.TrainingState.keys()[1:])
        raise InvalidInput(f"state {name!r}: expected one of {known}") from None


def _training(message: pb.Training) -> Training:
    return Training(
        id=message.id,
        model=message.model,
        state=word(message, "state", PREFIX),
        reason=message.reason,
        detail=message.detail,
        last_words=message.last_words,
        attempt=message.attempt,
        version=message.version or None,
        schedule=message.schedule_id or None,
        created_at=time_of(message, "created_at"),
        started_at=time_of(message, "started_at"),
        ended_at=time_of(message, "ended_at"),
        cancel_requested=message.cancel_requested,
    )


def _schedule(message: pb.Schedule) -> Schedule:
    return Schedule(
        id=message.id,
        model=message.spec.model,
        cron=message.cron,
        catch_up_seconds=message.catch_up_seconds,
        if_older_seconds=message.spec.occasion.older_than_seconds,
        if_drift=message.spec.occasion.drift_above,
        last_training=message.last_training_id or None,
        created_at=time_of(message, "created_at"),
        next_at=time_of(message, "next_at"),
    )


def _event(message: pb.WatchTrainingResponse) -> TrainingEvent:
    event = message.event
    what: StateChange | Stage | Line
    match event.WhichOneof("what"):
        case "state":
            state = event.state
            what = StateChange(word(state, "state", PREFIX), state.reason, state.detail, state.attempt)
        case "stage":
            what = Stage(event.stage.title, event.stage.share, event.stage.over, event.stage.seconds)
        case _:
            what = Line(event.log.text)
    return TrainingEvent(event.sequence, time_of(event, "at"), what, message.dropped)
