"""The one table from what went wrong to a gRPC status with its details."""

from collections.abc import Mapping

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from hotshelf_server.core import errors
from hotshelf_store import errors as store_errors

DOMAIN = "hotshelf"
DETAILS = "grpc-status-details-bin"
"""The trailing metadata that carries a google.rpc.Status."""

MAX_MESSAGE_BYTES = 1_000
MAX_VALUE_BYTES = 200
"""Longest message and value of metadata. Clients drop trailers of more than 8 to 16 KiB with the whole status in them,
and a message travels twice, once with each byte that isn't ASCII written as three."""

CUT = " … (cut)"

CODES: Mapping[type[Exception], grpc.StatusCode] = {
    errors.ModelNotFound: grpc.StatusCode.NOT_FOUND,
    errors.ModelNotReady: grpc.StatusCode.UNAVAILABLE,
    errors.ServerDraining: grpc.StatusCode.UNAVAILABLE,
    errors.InvalidInput: grpc.StatusCode.INVALID_ARGUMENT,
    errors.FailedPrecondition: grpc.StatusCode.FAILED_PRECONDITION,
    errors.BadBundle: grpc.StatusCode.FAILED_PRECONDITION,
    errors.Overloaded: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.DeadlineExceeded: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.Cancelled: grpc.StatusCode.CANCELLED,
    errors.GoldenMismatch: grpc.StatusCode.FAILED_PRECONDITION,
    errors.ModelFault: grpc.StatusCode.INTERNAL,
    store_errors.ModelNotFound: grpc.StatusCode.NOT_FOUND,
    store_errors.VersionNotFound: grpc.StatusCode.NOT_FOUND,
    store_errors.InvalidName: grpc.StatusCode.INVALID_ARGUMENT,
    store_errors.InvalidText: grpc.StatusCode.INVALID_ARGUMENT,
    store_errors.InvalidWeights: grpc.StatusCode.INVALID_ARGUMENT,
    store_errors.InvalidBundle: grpc.StatusCode.FAILED_PRECONDITION,
    store_errors.CorruptFile: grpc.StatusCode.FAILED_PRECONDITION,
    store_errors.AliasConflict: grpc.StatusCode.ABORTED,
    store_errors.PromotionRefused: grpc.StatusCode.FAILED_PRECONDITION,
    store_errors.NoPrevious: grpc.StatusCode.FAILED_PRECONDITION,
    store_errors.VersionInUse: grpc.StatusCode.FAILED_PRECONDITION,
    store_errors.StoreUnavailable: grpc.StatusCode.UNAVAILABLE,
}


def code_of(error: Exception) -> grpc.StatusCode:
    """The status code of an error; INTERNAL for what nobody foresaw."""
    return CODES.get(type(error), grpc.StatusCode.INTERNAL)


def details_of(error: Exception, code: grpc.StatusCode) -> Status:
    """The error with its reason, metadata and, for overload, when to come again; long texts are cut."""
    if not isinstance(error, errors.HotshelfError | store_errors.StoreError):
        # What nobody foresaw may hold anything: the log has it, the caller gets none of it.
        error = errors.HotshelfError("internal error; the server's log has it")
    metadata = error.metadata if isinstance(error, errors.HotshelfError) else {}
    status = Status(code=code.value[0], message=_cut(str(error), MAX_MESSAGE_BYTES))
    values = {key: _cut(value, MAX_VALUE_BYTES) for key, value in metadata.items()}
    status.details.add().Pack(ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=values))
    if isinstance(error, errors.Overloaded):
        delay = Duration()
        delay.FromNanoseconds(int(error.retry_after * 1e9))
        status.details.add().Pack(RetryInfo(retry_delay=delay))
    return status


def refuse(context: grpc.ServicerContext, error: Exception) -> None:
    """End a call with the status of an error, and its details in the trailing metadata. Raises, as grpc wants it."""
    code = code_of(error)
    details = details_of(error, code)
    context.set_trailing_metadata(((DETAILS, details.SerializeToString()),))
    context.abort(code, details.message)


def explain(error: Exception) -> str:
    """An error in one line, for where a message has no room for a status."""
    code = code_of(error)
    return f"[{code.name}] {details_of(error, code).message}"


def _cut(text: str, most: int) -> str:
    """The text in at most so many bytes of UTF-8, with a mark where it was cut."""
    encoded = text.encode(errors="replace")
    if len(encoded) <= most:
        return encoded.decode()
    return encoded[: most - len(CUT.encode())].decode(errors="ignore") + CUT
