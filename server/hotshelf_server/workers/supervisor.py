"""Keeps as many workers as there are to be: starts them, restarts dead ones, replaces them one by one, ends them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from hotshelf_server.core.clock import Clock
from hotshelf_server.core.model_settings import ModelSettings
from hotshelf_server.settings import Settings
from hotshelf_server.workers.backoff import Backoff
from hotshelf_server.workers.channel import Message
from hotshelf_server.workers.crew import Crew
from hotshelf_server.workers.errors import StartRefused, WorkersKeepDying
from hotshelf_server.workers.families import from_plain
from hotshelf_server.workers.process import Stage, WorkerProcess, spawn, told
from hotshelf_server.workers.scraping import Scraping
from hotshelf_server.workers.trials import SharedTrials

log = logging.getLogger(__name__)

READY_SECONDS = 900.0
"""How long the successor of a worker may take until it can take calls."""

LOADING_SECONDS = 60.0
"""How long it then waits for versions that no champion's calls need."""

STOP_SECONDS = 20.0
"""What workers have to end, beyond what their calls have."""


Begin = Callable[[str, SharedTrials], Awaitable[WorkerProcess]]
"""Starts a worker of a name. Raises `OSError` where the system has no room for a process just now."""


async def begin(name: str, trials: SharedTrials) -> WorkerProcess:
    """A process of its own."""
    return await spawn(name, trials.control)


class Supervisor:
    """For the parent's event loop, on its main thread."""

    def __init__(
        self, settings: Settings, crew: Crew, scraping: Scraping, clock: Clock, *, begin: Begin = begin
    ) -> None:
        """``settings`` are those of each worker, which ``begin`` starts."""
        self._begin = begin
        self.settings = settings
        self._crew = crew
        self._scraping = scraping
        self._backoffs = {str(number): Backoff(clock) for number in range(settings.workers)}
        self._tasks: set[asyncio.Task[None]] = set()
        self._trials = SharedTrials()
        self._rolling = asyncio.Lock()
        self._replacing = ""
        self._stopping = False
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Has an exception once the server can't go on: `StartRefused` or `WorkersKeepDying`."""

    async def start(self) -> None:
        """Start all, and wait until they listen. Raises what `failed` does."""
        started = [await self._start(name, at_once=True) for name in self._backoffs]
        listening = asyncio.gather(*(one.until(lambda one: one.listening, READY_SECONDS) for one in started))
        await asyncio.wait((listening, self.failed), return_when=asyncio.FIRST_COMPLETED)
        if self.failed.done():
            listening.cancel()
            self.failed.result()

    def state(self, models: Mapping[str, ModelSettings]) -> None:
        """Let settings of models hold on all workers from now on."""
        self.settings = self.settings.model_copy(update={"model_settings": dict(models)})
        self._crew.journal.settings_were_read()
        self._crew.tell("settings", model_settings=self.settings.model_dump(mode="json")["model_settings"])

    async def roll(self, settings: Settings) -> None:
        """Replace all workers, one by one, by such that serve under these settings. One that doesn't become ready
        changes nothing: the others stay as they are."""
        async with self._rolling:
            before, self.settings = self.settings, settings
            for old in self._crew.members:
                if self._stopping:
                    return
                if old.ended.done() or not await self._replace(old):
                    self.settings = before
                    log.error("the rolling restart has stopped at worker %s", old.name)
                    return
            log.info("all workers were replaced")

    async def stop(self) -> None:
        """Drain all at once, and wait until they have ended."""
        self._stopping = True
        self._crew.tell("drain")
        limit = self.settings.drain_delay + self.settings.drain_seconds + STOP_SECONDS
        if not await self._all_ended(limit):
            log.error("some workers have not ended, and are killed")
            self.kill()
            await self._all_ended(STOP_SECONDS)

    def kill(self) -> None:
        """End all at once."""
        self._stopping = True
        self._trials.close()
        for worker in self._crew.workers:
            worker.kill()

    async def _all_ended(self, seconds: float) -> bool:
        ended = [one.ended for one in self._crew.workers]
        return not ended or not (await asyncio.wait(ended, timeout=seconds))[1]

    async def _start(self, name: str, *, at_once: bool) -> WorkerProcess:
        worker = await self._begin(name, self._trials)
        self._crew.add(worker, self.settings.model_dump(mode="json"), at_once=at_once)
        self._spawn(self._attend(worker))
        return worker

    async def _started(self, name: str, *, at_once: bool) -> WorkerProcess | None:
        """None where it can't be started just now: that is no reason to end those that serve."""
        try:
            return await self._start(name, at_once=at_once)
        except OSError as error:
            log.error("worker %s can't be started: %s", name, error)  # noqa: TRY400 - the message says it all
            return None

    async def _replace(self, old: WorkerProcess) -> bool:
        self._replacing = old.name
        new = await self._started(old.name, at_once=False)
        ready = new is not None and await self._ready(new)
        self._replacing = ""
        if new is None or not ready:
            if new is not None:
                new.kill()
            if old.ended.done():
                self._spawn(self._start_again(old.name, old.ended.result()))
            return False
        self._crew.leave(old)
        self._join(new)
        log.info("worker %s is replaced: process %d takes calls, process %d leaves", old.name, new.id, old.id)
        old.tell("leave")
        await old.ended
        return True

    def _join(self, worker: WorkerProcess) -> None:
        self._crew.join(worker)
        self._backoffs[worker.name].serves()

    async def _ready(self, new: WorkerProcess) -> bool:
        """Wait until it listens, which it does once it has loaded what it is to begin with."""
        if not await new.until(lambda one: one.settled, READY_SECONDS):
            return False
        await new.until(lambda one: one.loaded, LOADING_SECONDS)
        new.tell("listen")
        return await new.until(lambda one: one.listening, LOADING_SECONDS)

    async def _attend(self, worker: WorkerProcess) -> None:
        """Hear a worker until it has ended, and start it again if that was not to be."""
        async for message in worker.messages():
            self._hear(worker, message)
        stage, code = worker.stage, worker.ended.result()
        self._crew.remove(worker)
        self._scraping.gone(worker)
        if not self._stopping and stage is Stage.MEMBER and worker.name != self._replacing:
            await self._start_again(worker.name, code)

    async def _start_again(self, name: str, code: int) -> None:
        self._scraping.restarted(name)
        backoff = self._backoffs[name]
        while (wait := backoff.died()) is not None:
            log.error("worker %s has ended %s; it is started again in %g s", name, told(code), wait)
            await asyncio.sleep(wait)
            if self._stopping:
                return
            new = await self._started(name, at_once=not self._crew.ready)
            if new is None:
                continue
            if new.stage is Stage.MEMBER:
                return
            if await self._ready(new):
                self._join(new)
                return
            new.kill()
            code = await new.ended
            if self._stopping:
                return
        self._fail(WorkersKeepDying(f"worker {name} has ended {backoff.deaths} times in a row, last {told(code)}"))

    def _hear(self, worker: WorkerProcess, message: Message) -> None:
        hears: Mapping[str, Callable[[], None]] = {
            "report": lambda: self._crew.reported(worker, message["report"]),
            "ask": lambda: self._crew.asked(worker, message),
            "counts": lambda: self._scraping.heard(worker, from_plain(message["families"])),
            "listening": lambda: self._listening(worker),
            "refused": lambda: self._refused(worker, message["message"]),
        }
        hears[message["kind"]]()

    def _listening(self, worker: WorkerProcess) -> None:
        worker.listening = True
        worker.changed()
        if worker.stage is Stage.MEMBER:
            self._backoffs[worker.name].serves()

    def _refused(self, worker: WorkerProcess, why: str) -> None:
        log.error("worker %s can't serve: %s", worker.name, why)
        if not self._crew.ready:
            self._fail(StartRefused(why))

    def _fail(self, error: Exception) -> None:
        if not self.failed.done():
            self.failed.set_exception(error)

    def _spawn(self, work: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the supervision of a worker failed", exc_info=error)
            self._fail(WorkersKeepDying(f"the supervision of a worker failed: {type(error).__name__}"))
