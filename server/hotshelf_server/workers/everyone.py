"""What the parts of a server ask of all its workers, be there several or this one alone."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from hotshelf_server.core.types import VersionId
from hotshelf_server.models.held import Held
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.routing import Routes
from hotshelf_server.models.states import Status


class Everyone(Held, Protocol):
    """All workers."""

    @property
    def replica_id(self) -> str:
        """The server's name, new with each of its starts."""
        ...

    @property
    def listeners(self) -> list[Callable[[], None]]:
        """Called, from any thread, after another worker has told something new."""
        ...

    def agree(self, settled: bool, answering: Mapping[str, bool]) -> tuple[bool, Mapping[str, bool]]:  # noqa: FBT001 - one fact of two
        """Whether the server is ready, and which models answer, given what holds in this process."""
        ...

    def able(self, version: VersionId) -> bool:
        """Whether every other worker answers calls for a version."""
        ...


class Alone:
    """A server of one process."""

    def __init__(self, manager: Manager) -> None:
        self.replica_id = secrets.token_hex(8)
        self.listeners: list[Callable[[], None]] = []
        self._manager = manager

    def statuses(self) -> Sequence[Status]:
        """The manager's."""
        return self._manager.statuses()

    def routes(self, model: str) -> Routes:
        """The manager's."""
        return self._manager.routes(model)

    def agree(self, settled: bool, answering: Mapping[str, bool]) -> tuple[bool, Mapping[str, bool]]:  # noqa: FBT001 - as above
        """As it is here."""
        return settled, answering

    def able(self, version: VersionId) -> bool:  # noqa: ARG002 - as above
        """There is no other."""
        return True
