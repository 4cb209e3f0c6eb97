"""What keeps a trainer from doing what it was asked for. Each error carries a stable ``reason``."""

from hotshelf_trainer.errors import TrainingError


class JobError(TrainingError):
    """Base of the errors of jobs and schedules."""

    reason = "INTERNAL"


class InvalidRequest(JobError):
    """A request says what can't be; the message names the field and what was expected."""

    reason = "INVALID_REQUEST"


class TrainingNotFound(JobError):
    """No such training, or it was forgotten because it is so old."""

    reason = "TRAINING_NOT_FOUND"


class ScheduleNotFound(JobError):
    """No such schedule."""

    reason = "SCHEDULE_NOT_FOUND"


class RequestIdTaken(JobError):
    """The request id came before, with other content."""

    reason = "REQUEST_ID_TAKEN"


class Full(JobError):
    """A bound was reached: of trainings that wait, of schedules, of streams."""

    reason = "OVERLOADED"


class Draining(JobError):
    """The trainer stops, and takes nothing new."""

    reason = "SERVER_DRAINING"


class PortTaken(JobError):
    """A port can't be bound."""


class DatabaseUnavailable(JobError):
    """The database of the jobs can't be opened or reached."""

    reason = "DATABASE_UNAVAILABLE"
