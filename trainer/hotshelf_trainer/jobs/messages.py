"""Trainings, schedules and events as messages, and what is asked for as it comes in them."""

from collections.abc import Collection

from google.protobuf.timestamp_pb2 import Timestamp

from hotshelf.training.v1 import training_pb2 as pb
from hotshelf_store.timestamps import timestamp
from hotshelf_trainer.jobs.cron import following
from hotshelf_trainer.jobs.errors import InvalidRequest
from hotshelf_trainer.jobs.schedules import Schedule
from hotshelf_trainer.jobs.training import (
    Event,
    Happening,
    Limits,
    LogLine,
    Spec,
    StageProgress,
    State,
    StateChange,
    Training,
)
from hotshelf_trainer.occasion import Occasion

PREFIX = "TRAINING_STATE_"
DEFAULT_SIZE = 100
MAX_SIZE = 1_000
"""Entries of a page."""

MAX_NUMBER = 2**63 - 1
"""What the database counts to."""


def spec_in(message: pb.TrainingSpec) -> Spec:
    """What is asked for."""
    return Spec(
        recipe=message.recipe,
        overrides=tuple(message.overrides),
        model=message.model,
        until=message.until,
        author=message.author,
        limits=Limits(message.limits.seconds, min(message.limits.memory_bytes, MAX_NUMBER)),
        restart_if_lost=message.restart_if_lost,
        occasion=Occasion(message.occasion.older_than_seconds, message.occasion.drift_above),
    )


def number_in(number: int) -> int:
    """A number that the database can be asked for; what is larger than all is none of them."""
    return min(number, MAX_NUMBER)


def page_in(size: int, token: str) -> tuple[int, int | None]:
    """How many entries, and below which number (None: from the newest). Raises `InvalidRequest`."""
    if not 0 <= size <= MAX_SIZE:
        raise InvalidRequest(f"page_size {size}: expected 1 to {MAX_SIZE}, or 0 for {DEFAULT_SIZE}")
    if token and not (token.isascii() and token.isdecimal() and len(token) < 19):
        raise InvalidRequest(f"page_token {token[:40]!r}: expected the last answer's next_page_token")
    return size or DEFAULT_SIZE, int(token) if token else None


def states_in(states: Collection[pb.TrainingState.ValueType]) -> list[State]:
    """The states of a filter. Raises `InvalidRequest`."""
    names = {pb.TrainingState.Value(PREFIX + state.value): state for state in State}
    unknown = [state for state in states if state not in names]
    if unknown:
        raise InvalidRequest(f"states: {unknown[0]} is no state; expected {', '.join(State)}")
    return [names[state] for state in states]


def training_message(training: Training, *, whole: bool = True) -> pb.Training:
    """A training; for a list not whole, as a page of them must fit into a message."""
    return pb.Training(
        id=training.number,
        model=training.model,
        state=_state(training.state),
        reason=training.reason,
        detail=training.detail,
        last_words=training.last_words if whole else "",
        attempt=training.attempt,
        request_id=training.request_id,
        schedule_id=training.schedule,
        version=training.version,
        limits=_limits(training.limits),
        created_at=timestamp(training.created_at),
        started_at=_moment(training.started_at),
        ended_at=_moment(training.ended_at),
        cancel_requested=training.cancel_requested,
        spec=_spec(training.spec) if whole else None,
    )


def event_message(event: Event) -> pb.TrainingEvent:
    """An event."""
    message = pb.TrainingEvent(sequence=event.sequence, at=timestamp(event.at))
    _fill(message, event.what)
    return message


def schedule_message(schedule: Schedule, *, with_recipe: bool = True) -> pb.Schedule:
    """A schedule."""
    spec = _spec(schedule.spec)
    if not with_recipe:
        spec.ClearField("recipe")
    return pb.Schedule(
        id=schedule.number,
        spec=spec,
        cron=schedule.cron,
        catch_up_seconds=schedule.catch_up_seconds,
        created_at=timestamp(schedule.created_at),
        next_at=timestamp(following(schedule.cron, schedule.seen)),
        last_training_id=schedule.last_training,
    )


def _fill(message: pb.TrainingEvent, what: Happening) -> None:
    match what:
        case StateChange(state=state, attempt=attempt, reason=reason, detail=detail):
            change = pb.StateChange(state=_state(state), attempt=attempt, reason=reason, detail=detail)
            message.state.CopyFrom(change)
        case StageProgress(title=title, share=share, over=over, seconds=seconds):
            message.stage.CopyFrom(pb.StageProgress(title=title, share=share, over=over, seconds=seconds))
        case LogLine(text=text):
            message.log.CopyFrom(pb.LogLine(text=text))


def _spec(spec: Spec) -> pb.TrainingSpec:
    return pb.TrainingSpec(
        recipe=spec.recipe,
        overrides=spec.overrides,
        model=spec.model,
        until=spec.until,
        author=spec.author,
        limits=_limits(spec.limits) if spec.limits != Limits() else None,
        restart_if_lost=spec.restart_if_lost,
        occasion=_occasion(spec.occasion) if spec.occasion.named else None,
    )


def _occasion(occasion: Occasion) -> pb.Occasion:
    return pb.Occasion(older_than_seconds=occasion.older_than_seconds, drift_above=occasion.drift_above)


def _limits(limits: Limits) -> pb.Limits:
    return pb.Limits(seconds=limits.seconds, memory_bytes=limits.memory_bytes)


def _state(state: State) -> pb.TrainingState.ValueType:
    return pb.TrainingState.Value(PREFIX + state.value)


def _moment(seconds: float | None) -> Timestamp | None:
    return None if seconds is None else timestamp(seconds)
