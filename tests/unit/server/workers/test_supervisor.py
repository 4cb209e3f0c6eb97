"""A system that has no room for another process costs a restart or a renewal, and not the workers that serve."""

import asyncio
import errno
import socket
import subprocess
from collections.abc import Awaitable, Callable

from hotshelf_server.settings import Settings
from hotshelf_server.workers.crew import Crew
from hotshelf_server.workers.process import WorkerProcess
from hotshelf_server.workers.scraping import Scraping
from hotshelf_server.workers.supervisor import Supervisor
from hotshelf_server.workers.trials import SharedTrials
from tests.fakes.clock import FakeClock

SECONDS = 30.0


class Processes:
    """Starts processes that wait, which is all they do, or none while there is no room."""

    def __init__(self) -> None:
        self.full = False
        self.begun: list[WorkerProcess] = []
        self.tried: asyncio.Queue[bool] = asyncio.Queue()
        """Whether a process was started, each time."""

    async def begin(self, name: str, trials: SharedTrials) -> WorkerProcess:
        if self.full:
            self.tried.put_nowait(False)
            raise BlockingIOError(errno.EAGAIN, "no room")
        process, ours = waiting()
        self.begun.append(WorkerProcess(name, process, *await asyncio.open_connection(sock=ours)))
        self.tried.put_nowait(True)
        return self.begun[-1]


def waiting() -> tuple[subprocess.Popen[bytes], socket.socket]:
    """A process, and the other end of what it holds open."""
    ours, theirs = socket.socketpair()
    with theirs:
        return subprocess.Popen(("/bin/sleep", "60"), stdin=theirs.fileno()), ours


def with_a_worker(act: Callable[[Supervisor, Processes, WorkerProcess], Awaitable[None]]) -> None:
    """Do something with a supervisor of one worker that serves."""

    async def run() -> None:
        settings, clock, processes = Settings(workers=1), FakeClock(), Processes()
        crew = Crew(1)
        supervisor = Supervisor(settings, crew, Scraping(crew, ["0"], clock), clock, begin=processes.begin)
        worker = await supervisor._start("0", at_once=True)
        assert await processes.tried.get()
        try:
            await asyncio.wait_for(act(supervisor, processes, worker), SECONDS)
            assert not supervisor.failed.done()
        finally:
            supervisor.kill()
            for one in processes.begun:
                await asyncio.wait_for(one.ended, SECONDS)

    asyncio.run(run())


def test_a_rolling_restart_without_room_leaves_the_workers_as_they_are() -> None:
    async def act(supervisor: Supervisor, processes: Processes, worker: WorkerProcess) -> None:
        processes.full = True
        await supervisor.roll(Settings(workers=1, max_calls=7))
        assert not await processes.tried.get()
        assert not worker.ended.done()
        assert supervisor.settings.max_calls != 7
        processes.full = False
        worker.kill()
        assert await processes.tried.get(), "one that dies is started again"

    with_a_worker(act)


def test_a_worker_that_can_not_be_started_again_is_tried_again() -> None:
    async def act(supervisor: Supervisor, processes: Processes, worker: WorkerProcess) -> None:
        processes.full = True
        worker.kill()
        assert not await processes.tried.get()
        processes.full = False
        assert await processes.tried.get()

    with_a_worker(act)
