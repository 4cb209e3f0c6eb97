"""One worker, as its parent sees it."""

import asyncio
import itertools
import logging
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from enum import Enum
from typing import Any

from hotshelf_server.core.answers import Failure
from hotshelf_server.workers.channel import Message, packed, receive

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "hotshelf_server.worker")

END_SECONDS = 5.0
"""How long a worker that has closed its end may take to be gone."""

MOST_UNSENT = 256 << 20
"""Bytes that may wait for a worker to read them. One that has stopped to read is killed."""


class Stage(Enum):
    """``JOINING``: it loads, and takes no calls; ``MEMBER``: it takes calls, and is asked whatever all are asked;
    ``LEAVING``: others take its calls."""

    JOINING = "joining"
    MEMBER = "member"
    LEAVING = "leaving"


class Undone(Exception):
    """A worker has not done what it was told."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class WorkerProcess:
    """A process with the socket by which it hears and tells. For the parent's event loop."""

    def __init__(
        self, name: str, process: subprocess.Popen[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.name = name
        self.stage = Stage.JOINING
        self.report: dict[str, Any] | None = None
        self.listening = False
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """Its exit code (negative: the signal), once it has ended."""
        self._process = process
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count()
        self._done: dict[int, asyncio.Future[str]] = {}
        self._changed = asyncio.Event()

    @property
    def id(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def settled(self) -> bool:
        """Whether it has tried all that it is to begin with."""
        return self.report is not None and bool(self.report["settled"])

    @property
    def loaded(self) -> bool:
        """Whether it has tried every version, or found that it isn't there to be tried."""
        tried = ("ready", "failed", "not_loaded", "unloading")
        return self.report is not None and all(one[2] in tried or one[4] for one in self.report["statuses"])

    def tell(self, kind: str, **fields: Any) -> None:
        """Send a message, later if it doesn't read just now; nothing to one that has ended."""
        if self._writer.is_closing():
            return
        self._writer.write(packed({"kind": kind, **fields}))
        if self._writer.transport.get_write_buffer_size() > MOST_UNSENT:
            log.error("worker %s has stopped to read, and is killed", self.name)
            self.kill()

    async def do(self, deed: str, request: str, seconds: float | None) -> str:
        """Have it do something. Raises `Undone` when it can't, ends, or takes longer than ``seconds``."""
        number = next(self._numbers)
        future = self._done[number] = asyncio.get_running_loop().create_future()
        if self.ended.done():
            self._give_up()
        self.tell("do", id=number, deed=deed, request=request)
        try:
            return await asyncio.wait_for(future, seconds)
        except TimeoutError as late:
            raise Undone(Failure("DeadlineExceeded", f"it has not answered within {seconds:g} s")) from late
        finally:
            del self._done[number]

    async def messages(self) -> AsyncIterator[Message]:
        """What it says that is no answer, until it has ended."""
        while (message := await receive(self._reader)) is not None:
            if message["kind"] in ("done", "failed"):
                self._answered(message)
            else:
                yield message
        self._writer.close()
        await self._reap()

    async def until(self, true: Callable[["WorkerProcess"], bool], seconds: float) -> bool:
        """Wait until something holds of it; whether it did within so many seconds and before it ended."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not (true(self) or self.ended.done()):
                    self._changed.clear()
                    await self._changed.wait()
        return true(self) and not self.ended.done()

    def changed(self) -> None:
        """It has told something."""
        self._changed.set()

    def kill(self) -> None:
        """SIGKILL."""
        with suppress(ProcessLookupError):
            self._process.kill()

    def _answered(self, message: Message) -> None:
        future = self._done.get(message["id"])
        if future is None or future.done():
            return
        if message["kind"] == "done":
            future.set_result(message["said"])
        else:
            future.set_exception(Undone(Failure(message["error"], message["message"])))

    async def _reap(self) -> None:
        try:
            code = await asyncio.to_thread(self._process.wait, END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            code = await asyncio.to_thread(self._process.wait)
        self.ended.set_result(code)
        self.changed()
        self._give_up()

    def _give_up(self) -> None:
        for future in self._done.values():
            if not future.done():
                future.set_exception(Undone(Failure("ModelNotReady", "it has ended; it is told again when it is back")))


def told(code: int) -> str:
    """How a process ended, by its exit code (negative: the signal)."""
    if code >= 0:
        return f"with exit code {code}"
    try:
        return f"by {signal.Signals(-code).name}"
    except ValueError:  # of the real-time signals only the first and the last have names
        return f"by signal {-code}"


async def spawn(name: str, trials: socket.socket) -> WorkerProcess:
    """Start a worker, which tries versions by ``trials``.

    To be called on the main thread: the worker dies with the thread that has started it.
    """
    process, ours = _executed(trials)
    reader, writer = await asyncio.open_connection(sock=ours)
    return WorkerProcess(name, process, reader, writer)


def _executed(trials: socket.socket) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """The process, in a group of its own, since a Ctrl-C in the terminal is for the parent; and our end."""
    ours, theirs = socket.socketpair()
    with theirs:
        inherited = (theirs.fileno(), trials.fileno())
        try:
            process = subprocess.Popen((*COMMAND, *map(str, inherited)), pass_fds=inherited, process_group=0)
        except BaseException:
            ours.close()
            raise
    return process, ours
