"""A worker's place among the workers: how its parts meet the others'."""

import json
import logging
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from prometheus_client.registry import Collector

from hotshelf_server.core.errors import DeadlineExceeded, HotshelfError
from hotshelf_server.core.model_settings import ModelBook, ModelSettings
from hotshelf_server.models.held import Held
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.sources import ControlledSource
from hotshelf_server.observability.catalogue.workers import CONNECTIONS
from hotshelf_server.observability.endpoint import OF_THIS_PROCESS
from hotshelf_server.observability.families import family
from hotshelf_server.workers.deeds import FAMILIES, HEAR, SYNC
from hotshelf_server.workers.families import read, to_plain
from hotshelf_server.workers.link import Link
from hotshelf_server.workers.shared_repository import SharedRepository
from hotshelf_server.workers.sockets import connections
from hotshelf_server.workers.together import Together

log = logging.getLogger(__name__)


HEAR_SECONDS = 5.0
"""How long a change of aliases waits for all workers to have heard of it."""


@dataclass(frozen=True, slots=True)
class Seat:
    """``worker`` is this one's name, ``replica_id`` the server's; ``journal``: what operators said before, as the names
    of deeds and what they were to be done with; ``trials``: the control socket of the process that all workers try
    versions in."""

    worker: str
    replica_id: str
    link: Link
    journal: Sequence[tuple[str, str]]
    trials: socket.socket

    def join(self, manager: Manager) -> Together:
        """Report to the others from now on, and hear their reports."""
        self.link.does({HEAR: lambda _: lambda: _hear(manager), SYNC: lambda _: str})
        return Together(self.worker, self.replica_id, manager, self.link)

    def repository(self, source: ControlledSource, manager: Manager, book: ModelBook, held: Held) -> SharedRepository:
        """Operators' words on models, heard by all."""
        made = SharedRepository(source, manager, book, held, self.link.ask)
        self.link.does(made.deeds)
        self.link.hears("settings", lambda message: _state(book, message["model_settings"]))
        return made

    def exports(self, collector: Collector, port: int) -> "Exports":
        """Tell the parent the families of this process when it asks, and once more at the end."""
        made = Exports(collector, port, self)
        self.link.does({FAMILIES: lambda _: lambda: json.dumps(made.families())})
        return made

    def written(self) -> None:
        """Have all workers look at the store, since it was written to."""
        try:
            answers = self.link.ask(HEAR, "", HEAR_SECONDS)
        except HotshelfError as error:
            log.warning("workers may hear later of the change of aliases: %s", error)
            return
        for worker, failure in answers.failed.items():
            log.warning("worker %s hears later of the change of aliases: %s", worker, failure.message)

    def catch_up(self) -> None:
        """Begin what operators had all workers do before this one was there. To be called before the link is started,
        by which later words come."""
        for deed, request in self.journal:
            try:
                self.link.begin(deed, request)
            except HotshelfError as error:
                log.warning("what an operator said earlier can't hold for this worker: %s", error)


class Exports:
    """What takes the place of a metrics endpoint in a worker."""

    port = 0
    """It has none."""

    def __init__(self, collector: Collector, port: int, seat: Seat) -> None:
        self._collector = collector
        self._listening = port
        self._seat = seat

    def families(self) -> list[Any]:
        """All of this process."""
        metrics = [one for each in (self._collector, *OF_THIS_PROCESS) for one in each.collect()]
        metrics.append(family(CONNECTIONS, [((self._seat.worker,), connections(self._listening))]))
        return to_plain(read(metrics))

    def close(self) -> None:
        """Tell the parent a last time."""
        with suppress(OSError):  # it has gone
            self._seat.link.tell("counts", families=self.families())


def _state(book: ModelBook, settings: Mapping[str, Any]) -> None:
    book.state({model: ModelSettings.model_validate(one) for model, one in settings.items()})


def _hear(manager: Manager) -> str:
    if not manager.hear(HEAR_SECONDS):
        raise DeadlineExceeded("the store was not read in time")
    return ""
