"""One attempt at a training: its process from the start to the end, within its limits."""

import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from hotshelf_trainer.jobs import said
from hotshelf_trainer.jobs.process import WorkerProcess
from hotshelf_trainer.jobs.said import GaveUp, NotNeeded, Published, said_in
from hotshelf_trainer.jobs.training import End, Happening, Limits, LogLine, Reason, StageProgress, State

LOOK_SECONDS = 1.0
"""Between looks at the memory and at what is wished."""

ENVIRONMENT = {
    # Threads of OpenMP that wait by spinning take five times as long when anything else wants the processor.
    "OMP_WAIT_POLICY": "PASSIVE",
    "PYTHONUNBUFFERED": "1",
}


class Wish(Enum):
    """What is wished of an attempt."""

    GO_ON = "go on"
    CANCEL = "cancel"
    GIVE_UP = "give up"
    """The trainer ends."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How attempts are made."""

    command: Sequence[str]
    """Runs a worker; the task is one line on its standard input."""
    scratch: Path
    """Folder for their temporary files; each gets one of its own in it, which goes with the attempt."""
    grace_seconds: float = 10.0
    """From SIGTERM to SIGKILL."""
    look_seconds: float = LOOK_SECONDS


def attempt(
    task: str,
    limits: Limits,
    terms: Terms,
    tell: Callable[[Happening], None],
    wish: Callable[[], Wish],
    *,
    monotonic: Callable[[], float] = time.monotonic,
) -> End | None:
    """Run a worker to its end; None where the trainer gave it up.

    ``tell`` takes what it says as it comes; ``wish`` is asked now and then. What the worker said of its end counts,
    also where it was to end for another reason by then: a version that is published stays.
    """
    with tempfile.TemporaryDirectory(prefix="attempt-", dir=terms.scratch, ignore_cleanup_errors=True) as folder:
        process = WorkerProcess(terms.command, {**ENVIRONMENT, "TMPDIR": folder}, limits.memory_bytes)
        watched = _Watched(process, limits, terms, tell, wish, monotonic=monotonic)
        try:
            process.tell(task)
            watched.run()
        finally:
            status = process.close()
        return watched.end(status)


class _Watched:
    """What is known of a process while it runs."""

    def __init__(
        self,
        process: WorkerProcess,
        limits: Limits,
        terms: Terms,
        tell: Callable[[Happening], None],
        wish: Callable[[], Wish],
        *,
        monotonic: Callable[[], float],
    ) -> None:
        self._process = process
        self._limits = limits
        self._terms = terms
        self._tell = tell
        self._wish = wish
        self._monotonic = monotonic
        self._began = self._looked = monotonic()
        self._told: said.End | None = None
        self._ordered: End | None = None
        self._given_up = False
        self._kill_at: float | None = None

    def run(self) -> None:
        """Until it has ended."""
        while not self._process.has_ended():
            self._hear(self._process.lines(min(0.2, self._terms.look_seconds)))
            now = self._monotonic()
            if self._kill_at is not None:
                if now >= self._kill_at:
                    self._process.signal(signal.SIGKILL)
            elif now - self._looked >= self._terms.look_seconds:
                self._looked = now
                self._look(now)
        self._process.signal(signal.SIGKILL)  # what it has started, and may write for ever
        self._hear(self._process.rest())

    def end(self, status: int) -> End | None:
        """How the training ended."""
        match self._told:
            case Published(version=version, passed=passed, note=note):
                return End(State.SUCCEEDED if passed else State.REFUSED, detail=note, version=version)
            case NotNeeded(why=why):
                return End(State.NOT_NEEDED, detail=why)
            case _ if self._given_up:
                return None
            case _ if self._ordered is not None:
                return self._ordered
            case GaveUp(message=message, mistake=mistake):
                reason = Reason.MISTAKE if mistake else Reason.FAULT
                return End(State.FAILED, reason, message, "" if mistake else self._process.tail)
        how = f"by signal {-status} ({_name(-status)})" if status < 0 else f"with exit status {status}"
        return End(State.FAILED, Reason.WORKER_DIED, f"its process ended {how}", self._process.tail)

    def _hear(self, lines: Sequence[bytes]) -> None:
        for line in lines:
            match said_in(line):
                case (Published() | NotNeeded() | GaveUp()) as told:
                    self._told = told
                case (StageProgress() | LogLine()) as happening:
                    self._tell(happening)

    def _look(self, now: float) -> None:
        """End it where it must."""
        match self._wish():
            case Wish.CANCEL:
                self._order(End(State.CANCELLED, detail="while it ran"))
                return
            case Wish.GIVE_UP:
                self._given_up = True
                self._terminate()
                return
        if now - self._began > self._limits.seconds:
            words = f"it ran longer than its limit of {self._limits.seconds:g} seconds"
            self._order(End(State.FAILED, Reason.TIME_LIMIT, words))
            return
        held = self._process.resident_bytes()
        if held > self._limits.memory_bytes:
            words = f"it held {held:,} bytes of memory, more than its limit of {self._limits.memory_bytes:,}"
            self._order(End(State.FAILED, Reason.MEMORY_LIMIT, words))
            self._process.signal(signal.SIGKILL)  # the machine may not bear it any longer

    def _order(self, end: End) -> None:
        self._ordered = end
        self._terminate()

    def _terminate(self) -> None:
        self._kill_at = self._monotonic() + self._terms.grace_seconds
        self._process.signal(signal.SIGTERM)


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
