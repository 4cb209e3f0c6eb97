"""What a call can end in, and what to do about it.

Catch `HotshelfError` for all of them, or the one that you can act on. Every error carries gRPC's status code, and from
a Hotshelf server a stable `reason` for machines and `metadata` that names what was wrong and what was expected.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import grpc
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

DETAILS = "grpc-status-details-bin"

ADVICE = {
    "MODEL_NOT_READY": "try again in a while; `hotshelf versions MODEL` shows what the server loads",
    "SERVER_DRAINING": "try again",
    "PROMOTION_REFUSED": "",  # the message says it
    "REQUEST_ID_TAKEN": "",
    "INVALID_RECIPE": "",
    "INVALID_REQUEST": "",
    "TRAINING_NOT_FOUND": "`hotshelf trainings list` shows those that there are",
}
"""Better advice than the status allows, by reason."""


class HotshelfError(Exception):
    """Base of every error of a call.

    ``message`` is the server's or gRPC's sentence, ``code`` the gRPC status, ``reason`` an UPPER_SNAKE_CASE word (empty
    when the answer came from no Hotshelf server), ``metadata`` its particulars, ``retry_after`` the seconds that an
    overloaded server asks to wait, and ``advice`` what to do.
    """

    advice = ""

    def __init__(
        self,
        message: str,
        *,
        code: grpc.StatusCode = grpc.StatusCode.UNKNOWN,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.reason = reason
        self.metadata = dict(metadata or {})
        self.retry_after = retry_after
        self.advice = ADVICE.get(reason, self.advice)

    def __str__(self) -> str:
        sentence = f"{self.reason or self.code.name}: {self.message}"
        return f"{sentence} ({self.advice})" if self.advice else sentence


class NotFound(HotshelfError):
    """The server knows no such model, version or alias."""

    advice = "check the name and version; `hotshelf models` lists what the server knows"


class Unavailable(HotshelfError):
    """The server can't be reached, is stopping, or still loads the model. Calls that change nothing were retried."""

    advice = "check that the server runs, and try again in a while"


class Overloaded(HotshelfError):
    """A bound of the server was reached, or a message was larger than it takes."""

    advice = "send less at once, or try again after `retry_after` seconds where it is given"


class DeadlineExceeded(HotshelfError):
    """No answer within the client's timeout. The call may have been carried out."""

    advice = "give the client a longer timeout, or the server less to do"


class InvalidInput(HotshelfError):
    """The request contradicts the model's signature or itself."""

    advice = "correct the request; Client.metadata(model) shows what the model takes"


class FailedPrecondition(HotshelfError):
    """The state of the model or store refuses the request: the gate's verdict, say, or a model of another kind."""

    advice = "change what the message names, then try again"


class Conflict(HotshelfError):
    """Somebody else changed the model's aliases at the same time; nothing was done."""

    advice = "look at the present state, then try again"


class Refused(HotshelfError):
    """The caller is not known, or may not do this."""

    advice = "check the credentials and what they allow"


class Unsupported(HotshelfError):
    """The server doesn't know this call."""

    advice = "check that the address is a Hotshelf server's, and of a version that has the call"


class ServerFault(HotshelfError):
    """The server or the model failed; the request is not to blame."""

    advice = "the server's log says more"


class BadAnswer(HotshelfError):
    """The server's answer contradicts itself."""

    advice = "report it, with the versions of client and server"


BY_CODE: dict[grpc.StatusCode, type[HotshelfError]] = {
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Overloaded,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.INVALID_ARGUMENT: InvalidInput,
    grpc.StatusCode.OUT_OF_RANGE: InvalidInput,
    grpc.StatusCode.FAILED_PRECONDITION: FailedPrecondition,
    grpc.StatusCode.ABORTED: Conflict,
    grpc.StatusCode.ALREADY_EXISTS: Conflict,
    grpc.StatusCode.UNAUTHENTICATED: Refused,
    grpc.StatusCode.PERMISSION_DENIED: Refused,
    grpc.StatusCode.UNIMPLEMENTED: Unsupported,
    grpc.StatusCode.INTERNAL: ServerFault,
    grpc.StatusCode.UNKNOWN: ServerFault,
    grpc.StatusCode.DATA_LOSS: ServerFault,
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise gRPC's errors as ours."""
    try:
        yield
    except grpc.RpcError as error:
        raise from_rpc(error) from error


def from_rpc(error: grpc.RpcError) -> HotshelfError:
    """The error of a call that ended in a status, with the details that the server attached."""
    code = error.code()
    info, retry = _details(error)
    return BY_CODE.get(code, HotshelfError)(
        error.details() or code.name,
        code=code,
        reason=info.reason,
        metadata=info.metadata,
        retry_after=retry.retry_delay.ToTimedelta().total_seconds() if retry.HasField("retry_delay") else None,
    )


def _details(error: grpc.RpcError) -> tuple[ErrorInfo, RetryInfo]:
    info, retry = ErrorInfo(), RetryInfo()
    for entry in error.trailing_metadata() or ():
        if entry.key == DETAILS:
            # Details that can't be read come from something between us and the server; the code itself still counts.
            with suppress(DecodeError):
                for detail in Status.FromString(entry.value).details:
                    _ = detail.Unpack(info) or detail.Unpack(retry)
    return info, retry
