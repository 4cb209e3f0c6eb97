"""What a worker knows of all workers: its own models as they are, and of each other one what it reported last."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hotshelf_server.core.types import VersionId
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.routing import Routes
from hotshelf_server.models.states import Status
from hotshelf_server.workers import reports
from hotshelf_server.workers.channel import Message
from hotshelf_server.workers.link import Link
from hotshelf_server.workers.reports import Report


class Together:
    """One of several workers. Thread-safe: what is read is replaced, never changed."""

    def __init__(self, worker: str, replica_id: str, manager: Manager, link: Link) -> None:
        """``worker`` is this one's name."""
        self.replica_id = replica_id
        self.listeners: list[Callable[[], None]] = []
        self._worker = worker
        self._manager = manager
        self._link = link
        self._ready = False
        self._others: Mapping[str, Report] = {}
        self._said: dict[str, Any] = {}
        link.hears("report", self._hear_report)
        link.hears("ready", self._hear_ready)

    def agree(self, settled: bool, answering: Mapping[str, bool]) -> tuple[bool, Mapping[str, bool]]:  # noqa: FBT001 - one fact of two
        """Report what holds here if it is new; what then holds of all, as far as it was heard."""
        mine = self._mine(answering, settled=settled)
        said = reports.to_plain(mine)
        if said != self._said:
            self._said = said
            self._link.tell("report", report=said)
        return self._ready, reports.answering([mine, *self._others.values()])

    def statuses(self) -> Sequence[Status]:
        """Every version that any worker has or wants, sorted."""
        return reports.statuses({self._worker: self._mine({}), **self._others})

    def routes(self, model: str) -> Routes:
        """Those on which all workers agree."""
        return reports.routes([self._mine({}), *self._others.values()], model)

    def able(self, version: VersionId) -> bool:
        """Whether every other worker answers calls for a version."""
        return reports.able(list(self._others.values()), version)

    def _mine(self, answering: Mapping[str, bool], *, settled: bool = True) -> Report:
        tables = self._manager.tables()
        routes = {model: table.routes for model, table in tables.items()}
        return Report(settled, answering, self._manager.statuses(), routes)

    def _hear_report(self, message: Message) -> None:
        worker, report = message["worker"], message["report"]
        others = {name: one for name, one in self._others.items() if name != worker}
        self._others = others if report is None else {**others, worker: reports.from_plain(report)}
        self._tell_listeners()

    def _hear_ready(self, message: Message) -> None:  # noqa: ARG002 - there is nothing in it
        self._ready = True
        self._tell_listeners()

    def _tell_listeners(self) -> None:
        for listener in self.listeners:
            listener()
