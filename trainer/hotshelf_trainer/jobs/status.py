"""The one table from what went wrong to a gRPC status with its details."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from hotshelf_trainer.errors import RecipeError, TrainingError
from hotshelf_trainer.jobs import errors
from hotshelf_trainer.jobs.database import TROUBLE

log = logging.getLogger(__name__)

DOMAIN = "hotshelf"
DETAILS = "grpc-status-details-bin"
"""The trailing metadata that carries a google.rpc.Status."""

MAX_MESSAGE = 1_000
"""Characters of a message: clients drop trailers of more than 8 to 16 KiB with the whole status in them."""

RETRY_SECONDS = 30
"""When to come again after `Full`: trainings take minutes."""

CODES: Mapping[type[TrainingError], grpc.StatusCode] = {
    errors.InvalidRequest: grpc.StatusCode.INVALID_ARGUMENT,
    RecipeError: grpc.StatusCode.INVALID_ARGUMENT,
    errors.TrainingNotFound: grpc.StatusCode.NOT_FOUND,
    errors.ScheduleNotFound: grpc.StatusCode.NOT_FOUND,
    errors.RequestIdTaken: grpc.StatusCode.ALREADY_EXISTS,
    errors.Full: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.Draining: grpc.StatusCode.UNAVAILABLE,
    errors.DatabaseUnavailable: grpc.StatusCode.UNAVAILABLE,
}


@contextmanager
def answering(context: grpc.ServicerContext) -> Iterator[None]:
    """End the call with a status where something goes wrong inside."""
    try:
        yield
    except TrainingError as error:
        _refuse(context, error)
    except TROUBLE:
        log.exception("the database can't be reached")
        _refuse(context, errors.DatabaseUnavailable("the trainer's database can't be reached; its log has more"))
    except Exception:
        log.exception("a call failed")
        _refuse(context, errors.JobError("internal error; the trainer's log has it"))


def status_of(error: TrainingError) -> Status:
    """The status of an error, with its reason and, where a bound was reached, when to come again."""
    code = CODES.get(type(error), grpc.StatusCode.INTERNAL)
    status = Status(code=code.value[0], message=str(error)[:MAX_MESSAGE])
    reason = error.reason if isinstance(error, errors.JobError) else "INVALID_RECIPE"
    status.details.add().Pack(ErrorInfo(reason=reason, domain=DOMAIN))
    if isinstance(error, errors.Full):
        status.details.add().Pack(RetryInfo(retry_delay=Duration(seconds=RETRY_SECONDS)))
    return status


def _refuse(context: grpc.ServicerContext, error: TrainingError) -> None:
    status = status_of(error)
    context.set_trailing_metadata(((DETAILS, status.SerializeToString()),))
    context.abort(CODES.get(type(error), grpc.StatusCode.INTERNAL), status.message)
