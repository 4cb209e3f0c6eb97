"""How a training tells where it is; the command shows it, tests and jobs may not care."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Share = Callable[[float], None]
"""Takes the share of a stage that is done, 0 to 1."""


class Progress(Protocol):
    """Stages, one after the other."""

    def stage(self, title: str) -> AbstractContextManager[Share]:
        """Enter a stage; it is over when the context ends."""
        ...

    def say(self, text: str) -> None:
        """A finding worth a line."""
        ...


class Silent:
    """Says nothing."""

    @contextmanager
    def stage(self, title: str) -> Iterator[Share]:  # noqa: ARG002 - the protocol's
        """Do nothing."""
        yield lambda share: None  # noqa: ARG005

    def say(self, text: str) -> None:
        """Do nothing."""
