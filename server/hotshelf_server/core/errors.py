"""What can go wrong, in the words of the domain. No transport codes here: services/status.py maps them."""

from collections.abc import Mapping

from hotshelf_server.core.types import VersionId

_ASKED = "hotshelf_asked"


class HotshelfError(Exception):
    """Base of every error a caller may see.

    ``reason`` is a stable UPPER_SNAKE_CASE word for machines; ``metadata`` names what was wrong and expected.
    """

    reason = "INTERNAL"

    def __init__(self, message: str, **metadata: object) -> None:
        super().__init__(message)
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


class InvalidInput(HotshelfError):
    """The request contradicts the model's signature or itself; the message names the part and what was expected."""

    reason = "INVALID_INPUT"


class FailedPrecondition(HotshelfError):
    """The request is well formed, but the state of the model or store refuses it."""

    reason = "FAILED_PRECONDITION"


class Overloaded(HotshelfError):
    """A bound was reached; try again after ``retry_after`` seconds."""

    reason = "OVERLOADED"

    def __init__(self, message: str, retry_after: float, **metadata: object) -> None:
        super().__init__(message, **metadata)
        self.retry_after = retry_after


class DeadlineExceeded(HotshelfError):
    """The call's deadline passed, or can't be met."""

    reason = "DEADLINE_EXCEEDED"


class BadBundle(HotshelfError):
    """A bundle can't be served: corrupt, of a wrong format or signature, or failing its golden requests."""

    reason = "BAD_BUNDLE"


class ModelFault(HotshelfError):
    """The model itself raised, died or hung while it computed."""

    reason = "MODEL_FAULT"


def blame(error: Exception, version: VersionId) -> None:
    """Note on an error, whatever raised it, which version was asked."""
    setattr(error, _ASKED, version)


def blamed(error: object) -> VersionId | None:
    """The version that was asked when an error was raised; None where none was, or nothing went wrong."""
    found = getattr(error, _ASKED, None)
    return found if isinstance(found, VersionId) else None
