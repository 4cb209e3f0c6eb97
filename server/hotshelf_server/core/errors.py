"""What can go wrong, in the words of the domain. No transport codes here: services/status.py maps them."""

from collections.abc import Mapping
from enum import Enum


class Refusal(Enum):
    """Why a call was given up before the model answered, other than for what it asked."""

    SERVER_FULL = "server_full"
    STREAMS_FULL = "streams_full"
    QUEUE_FULL = "queue_full"
    MODEL_BUSY = "model_busy"
    DEADLINE_PASSED = "deadline_passed"
    DEADLINE_UNMEETABLE = "deadline_unmeetable"
    WAITED_TOO_LONG = "waited_too_long"
    DRAINING = "draining"
    CALLER_GONE = "caller_gone"


class HotshelfError(Exception):
    """Base of every error a caller may see.

    ``reason`` is a stable UPPER_SNAKE_CASE word for machines; ``metadata`` names what was wrong and expected.
    ``refusal`` is finer than the reason, for who operates the server; None for what is no refusal.
    """

    reason = "INTERNAL"
    refusal: Refusal | None = None

    def __init__(self, message: str, *, refusal: Refusal | None = None, **metadata: object) -> None:
        super().__init__(message)
        self.refusal = refusal or self.refusal
        self.metadata: Mapping[str, str] = {key: str(value) for key, value in metadata.items()}


class ModelNotFound(HotshelfError):
    """No such model or version."""

    reason = "MODEL_NOT_FOUND"


class ModelNotReady(HotshelfError):
    """The model or version is known but can't answer now: it is loading, or its load failed."""

    reason = "MODEL_NOT_READY"


class ServerDraining(HotshelfError):
    """The server is stopping and takes no new calls."""

    reason = "SERVER_DRAINING"
    refusal = Refusal.DRAINING


class InvalidInput(HotshelfError):
    """The request contradicts the model's signature or itself; the message names the part and what was expected."""

    reason = "INVALID_INPUT"


class FailedPrecondition(HotshelfError):
    """The request is well formed, but the state of the model or store refuses it."""

    reason = "FAILED_PRECONDITION"


class Overloaded(HotshelfError):
    """A bound was reached; try again after ``retry_after`` seconds."""

    reason = "OVERLOADED"

    def __init__(self, message: str, retry_after: float, *, refusal: Refusal | None = None, **metadata: object) -> None:
        super().__init__(message, refusal=refusal, **metadata)
        self.retry_after = retry_after


class DeadlineExceeded(HotshelfError):
    """The call's deadline passed, or can't be met."""

    reason = "DEADLINE_EXCEEDED"
    refusal = Refusal.DEADLINE_PASSED


class Cancelled(HotshelfError):
    """The caller has gone, so nobody waits for the answer."""

    reason = "CANCELLED"
    refusal = Refusal.CALLER_GONE


class BadBundle(HotshelfError):
    """A bundle can't be served: corrupt, of a wrong format or signature, or failing its golden requests."""

    reason = "BAD_BUNDLE"


class GoldenMismatch(BadBundle):
    """A model answers its golden requests otherwise than where it was made."""


class ModelFault(HotshelfError):
    """The model itself raised, died or hung while it computed."""

    reason = "MODEL_FAULT"
