"""``hotshelf.training.v1.TrainingService``."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc

from hotshelf.training.v1 import training_pb2 as pb
from hotshelf.training.v1.training_pb2_grpc import TrainingServiceServicer
from hotshelf_trainer.jobs import cron, messages
from hotshelf_trainer.jobs.errors import Draining, Full, InvalidRequest
from hotshelf_trainer.jobs.events import Events
from hotshelf_trainer.jobs.intake import Intake
from hotshelf_trainer.jobs.pulse import Pulse
from hotshelf_trainer.jobs.schedules import Schedules
from hotshelf_trainer.jobs.status import answering
from hotshelf_trainer.jobs.trainings import Trainings

DAY = 86_400.0
LEAST_CATCH_UP = 60.0
MOST_CATCH_UP = 366 * DAY
"""Bounds of how long ago a missed time may be, in seconds."""

EVENTS_AT_ONCE = 200
LOOK_SECONDS = 5.0
"""Between looks for new events, if nobody tells of one."""


class Streams:
    """Bounds the streams that are open: each holds a thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._free = threading.Semaphore(most)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Raises `Full`."""
        if not self._free.acquire(blocking=False):
            raise Full(f"{self._most} streams are open, which is as many as this trainer takes; try again later")
        try:
            yield
        finally:
            self._free.release()


class TrainingService(TrainingServiceServicer):
    """Takes, tells of, and cancels trainings; the runner runs them."""

    def __init__(
        self,
        intake: Intake,
        trainings: Trainings,
        events: Events,
        schedules: Schedules,
        *,
        pulse: Pulse,
        streams: Streams,
        draining: Callable[[], bool],
        now: Callable[[], float],
    ) -> None:
        """``pulse`` beats at everything that happens; ``now``: seconds since the epoch."""
        self._intake = intake
        self._trainings = trainings
        self._events = events
        self._schedules = schedules
        self._pulse = pulse
        self._streams = streams
        self._draining = draining
        self._now = now

    def StartTraining(
        self, request: pb.StartTrainingRequest, context: grpc.ServicerContext
    ) -> pb.StartTrainingResponse:
        """Queue one."""
        with answering(context):
            training = self._intake.start(messages.spec_in(request.spec), request.request_id)
            return pb.StartTrainingResponse(training=messages.training_message(training))

    def GetTraining(self, request: pb.GetTrainingRequest, context: grpc.ServicerContext) -> pb.GetTrainingResponse:
        """One of them."""
        with answering(context):
            training = self._trainings.get(messages.number_in(request.id))
            return pb.GetTrainingResponse(training=messages.training_message(training))

    def ListTrainings(
        self, request: pb.ListTrainingsRequest, context: grpc.ServicerContext
    ) -> pb.ListTrainingsResponse:
        """A page of them."""
        with answering(context):
            size, below = messages.page_in(request.page_size, request.page_token)
            states = messages.states_in(request.states)
            found = self._trainings.before(below, size + 1, request.model, states)
            return pb.ListTrainingsResponse(
                trainings=[messages.training_message(one, whole=False) for one in found[:size]],
                next_page_token=str(found[size - 1].number) if len(found) > size else "",
            )

    def WatchTraining(
        self, request: pb.WatchTrainingRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.WatchTrainingResponse]:
        """Its events until it has ended."""
        with answering(context), self._streams.one():
            context.add_callback(self._pulse.beat)
            yield from self._follow(messages.number_in(request.id), messages.number_in(request.after_sequence), context)

    def CancelTraining(
        self, request: pb.CancelTrainingRequest, context: grpc.ServicerContext
    ) -> pb.CancelTrainingResponse:
        """Ask one to end."""
        with answering(context):
            training = self._trainings.cancel(messages.number_in(request.id))
            self._pulse.beat()
            return pb.CancelTrainingResponse(training=messages.training_message(training))

    def CreateSchedule(
        self, request: pb.CreateScheduleRequest, context: grpc.ServicerContext
    ) -> pb.CreateScheduleResponse:
        """Add a schedule."""
        with answering(context):
            spec = messages.spec_in(request.spec)
            self._intake.check(spec, request.request_id)
            cron.check(request.cron, self._now())
            catch_up = request.catch_up_seconds or DAY
            if not LEAST_CATCH_UP <= catch_up <= MOST_CATCH_UP:
                raise InvalidRequest(
                    f"catch_up_seconds {catch_up:g}: expected {LEAST_CATCH_UP:g} to {MOST_CATCH_UP:g}, or 0 for a day"
                )
            schedule = self._schedules.add(spec, request.cron, catch_up, request.request_id)
            return pb.CreateScheduleResponse(schedule=messages.schedule_message(schedule))

    def ListSchedules(
        self, request: pb.ListSchedulesRequest, context: grpc.ServicerContext
    ) -> pb.ListSchedulesResponse:
        """A page of schedules."""
        with answering(context):
            size, below = messages.page_in(request.page_size, request.page_token)
            found = self._schedules.before(below, size + 1)
            return pb.ListSchedulesResponse(
                schedules=[messages.schedule_message(one, with_recipe=False) for one in found[:size]],
                next_page_token=str(found[size - 1].number) if len(found) > size else "",
            )

    def DeleteSchedule(
        self, request: pb.DeleteScheduleRequest, context: grpc.ServicerContext
    ) -> pb.DeleteScheduleResponse:
        """Remove a schedule."""
        with answering(context):
            self._schedules.remove(messages.number_in(request.id))
            return pb.DeleteScheduleResponse()

    def _follow(self, number: int, after: int, context: grpc.ServicerContext) -> Iterator[pb.WatchTrainingResponse]:
        while context.is_active():
            beats = self._pulse.beats
            # Read before the events: when it has ended by then, its last event is among them.
            ended = self._trainings.get(number).state.ended
            found = self._events.after(number, after, EVENTS_AT_ONCE)
            for event in found:
                dropped = event.sequence - after - 1
                yield pb.WatchTrainingResponse(event=messages.event_message(event), dropped=dropped)
                after = event.sequence
            if len(found) == EVENTS_AT_ONCE:
                continue
            if ended:
                return
            if self._draining():
                raise Draining("the trainer is stopping; watch on when it is back")
            self._pulse.wait(beats, LOOK_SECONDS)
