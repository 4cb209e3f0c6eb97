"""All workers together: they hear each other's reports, and do together what any of them is asked."""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from typing import Any

from hotshelf_server.core.answers import Answers, Failure, to_plain
from hotshelf_server.workers.channel import Message
from hotshelf_server.workers.deeds import CHANGES, SYNC
from hotshelf_server.workers.journal import Journal
from hotshelf_server.workers.process import Stage, Undone, WorkerProcess

log = logging.getLogger(__name__)

DEED_SECONDS = 610.0
"""How long a deed may take that was given no limit."""

SYNC_SECONDS = 2.0


class Crew:
    """For the parent's event loop, whose one thread gives all that is said one order."""

    def __init__(self, size: int) -> None:
        """``size``: workers that there are to be."""
        self.replica_id = secrets.token_hex(8)
        self.ready = False
        """Whether all workers were ready at the same time: once they were, for good."""
        self.journal = Journal()
        self.workers: list[WorkerProcess] = []
        """All that run, the earliest first."""
        self._size = size
        self._epoch = 0
        self._asking: set[asyncio.Task[None]] = set()

    @property
    def members(self) -> list[WorkerProcess]:
        """Those that take calls."""
        return [one for one in self.workers if one.stage is Stage.MEMBER]

    def add(self, worker: WorkerProcess, settings: Mapping[str, Any], *, at_once: bool) -> None:
        """Tell a new one what to serve and what all know; ``at_once``: it takes calls from the beginning."""
        worker.tell(
            "start",
            worker=worker.name,
            replica_id=self.replica_id,
            settings=settings,
            journal=self.journal.words(),
            at_once=at_once,
        )
        for other in self.members:
            worker.tell("report", worker=other.name, report=other.report or NOTHING)
        if self.ready:
            worker.tell("ready")
        self.workers.append(worker)
        if at_once:
            self.join(worker)

    def join(self, worker: WorkerProcess) -> None:
        """It takes calls from now on."""
        worker.stage = Stage.MEMBER
        self._relay(worker, worker.report or NOTHING)
        self._look()

    def leave(self, worker: WorkerProcess) -> None:
        """It takes calls no more: it leaves, or has ended."""
        if worker.stage is Stage.MEMBER:
            self._relay(worker, None)
            self._epoch += 1
        worker.stage = Stage.LEAVING

    def remove(self, worker: WorkerProcess) -> None:
        """It has ended."""
        self.leave(worker)
        self.workers.remove(worker)

    def reported(self, worker: WorkerProcess, report: dict[str, Any]) -> None:
        """A worker tells something new of itself."""
        worker.report = report
        worker.changed()
        if worker.stage is Stage.MEMBER:
            self._relay(worker, report)
            self._look()

    def asked(self, worker: WorkerProcess, message: Message) -> None:
        """A worker wants all of them to do something."""
        task = asyncio.get_running_loop().create_task(self._answer(worker, message))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    def tell(self, kind: str, **fields: Any) -> None:
        """Say something to all."""
        for worker in self.workers:
            worker.tell(kind, **fields)

    async def do(self, deed: str, request: str, seconds: float | None) -> Answers:
        """Have all members do something, and tell those that are yet to join."""
        self.journal.add(deed, request)
        members, said, failed = self.members, {}, {}
        if deed in CHANGES:
            for worker in self.workers:
                if worker.stage is Stage.JOINING:
                    worker.tell("do", id=-1, deed=deed, request=request)
        limit = DEED_SECONDS if seconds is None else seconds
        outcomes = await asyncio.gather(*(_outcome(worker, deed, request, limit) for worker in members))
        for worker, outcome in zip(members, outcomes, strict=True):
            if isinstance(outcome, Failure):
                failed[worker.name] = outcome
            else:
                said[worker.name] = outcome
        if deed in CHANGES:
            await asyncio.gather(*(_outcome(worker, SYNC, "", SYNC_SECONDS) for worker in self.members))
        return Answers(said, failed, self._epoch)

    async def _answer(self, worker: WorkerProcess, message: Message) -> None:
        answers = await self.do(message["deed"], message["request"], message["seconds"])
        worker.tell("answers", id=message["id"], **to_plain(answers))

    def _relay(self, worker: WorkerProcess, report: Mapping[str, Any] | None) -> None:
        for other in self.workers:
            if other.name != worker.name:
                other.tell("report", worker=worker.name, report=report)

    def _look(self) -> None:
        if not self.ready and len(self.members) == self._size and all(one.settled for one in self.members):
            self.ready = True
            self.tell("ready")
            log.info("all %d workers are ready", self._size)


NOTHING: Mapping[str, Any] = {"settled": False, "answering": {}, "statuses": [], "routes": {}}
"""The report of a worker that has not reported yet."""


async def _outcome(worker: WorkerProcess, deed: str, request: str, seconds: float) -> str | Failure:
    try:
        return await worker.do(deed, request, seconds)
    except Undone as undone:
        return undone.failure
