"""Asks all workers for their metrics, again and again, so that little is lost with one that is killed."""

import asyncio
import json
import logging
import os
from collections import Counter
from collections.abc import Iterable

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from hotshelf_server.core.clock import Clock
from hotshelf_server.observability.catalogue.workers import RESTARTS, WORKERS
from hotshelf_server.observability.endpoint import OF_THIS_PROCESS
from hotshelf_server.workers.crew import Crew
from hotshelf_server.workers.deeds import FAMILIES
from hotshelf_server.workers.families import Family, exported, from_plain, read, told
from hotshelf_server.workers.process import Stage, Undone, WorkerProcess
from hotshelf_server.workers.scrape import Scrape

log = logging.getLogger(__name__)

EVERY_SECONDS = 5.0
"""Between looks. What a worker has counted since the last one is lost when it is killed."""

ASK_SECONDS = 2.0
"""How long a worker has to tell; what it told last then stands."""


class Scraping:
    """For the parent's event loop."""

    def __init__(self, crew: Crew, names: Iterable[str], clock: Clock) -> None:
        """``names`` are those of all workers that there are to be."""
        self._crew = crew
        self._scrape = Scrape(clock)
        self._restarts = Counter(dict.fromkeys(names, 0))

    async def look_for_ever(self) -> None:
        """Ask all, every few seconds."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self._ask_all()

    async def metrics(self) -> list[Metric]:
        """What the whole server tells now."""
        await self._ask_all()
        self._scrape.heard(os.getpid(), list(self._own()))
        serving = {one.id for one in self._crew.members} | {os.getpid()}
        return [exported(one) for one in self._scrape.families(serving.__contains__)]

    def heard(self, worker: WorkerProcess, families: list[Family]) -> None:
        """A worker has told what it counted."""
        self._scrape.heard(worker.id, families)

    def gone(self, worker: WorkerProcess) -> None:
        """A worker has ended."""
        self._scrape.gone(worker.id)

    def restarted(self, name: str) -> None:
        """A worker had died, and is started again."""
        self._restarts[name] += 1

    async def _ask_all(self) -> None:
        asked = [one for one in self._crew.workers if one.stage is not Stage.JOINING]
        await asyncio.gather(*(self._ask(one) for one in asked))

    async def _ask(self, worker: WorkerProcess) -> None:
        try:
            said = await worker.do(FAMILIES, "", ASK_SECONDS)
        except Undone as undone:
            log.debug("worker %s told no metrics: %s", worker.name, undone)
            return
        if not worker.ended.done():
            self.heard(worker, from_plain(json.loads(said)))

    def _own(self) -> Iterable[Family]:
        """Of the parent."""
        for collector in OF_THIS_PROCESS:
            yield from read(collector.collect())
        yield told(WORKERS, {(): len(self._crew.members)})
        yield told(RESTARTS, {(name,): count for name, count in self._restarts.items()})


class CrewCollector(Collector):
    """For the threads of the metrics endpoint."""

    def __init__(self, scraping: Scraping, loop: asyncio.AbstractEventLoop) -> None:
        self._scraping = scraping
        self._loop = loop

    def collect(self) -> Iterable[Metric]:
        """Every family of the server."""
        return asyncio.run_coroutine_threadsafe(self._scraping.metrics(), self._loop).result()
