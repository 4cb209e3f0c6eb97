"""Exceptions told without their messages, which may quote what a caller sent."""

import traceback
from collections.abc import Iterator

UNSAID = " (what it says is not logged: it may quote what a caller sent)"


def told(error: BaseException) -> str:
    """The chain of exceptions, causes first: places in the code, and types."""
    return "\n".join(_told(error))


def _told(error: BaseException) -> Iterator[str]:
    if error.__cause__ is not None:
        yield from _told(error.__cause__)
        yield "which led to"
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip()
    yield f"{type(error).__module__}.{type(error).__qualname__}{UNSAID}"
