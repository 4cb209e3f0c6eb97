"""A worker's process with all that it starts: a process group of its own, its pipes, its end."""

import os
import resource
import selectors
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO

from hotshelf_trainer.jobs.memory import resident_bytes

MAX_LINE_BYTES = 64 << 10
"""Of a line of standard output; what is longer is cut into several."""

MAX_TAIL_BYTES = 16 << 10
"""Of standard error, of which the end is kept."""

AT_ONCE = 64 << 10

SPARE_BYTES = 1 << 30
"""What a process may have in reserve beyond its limit of resident memory: stacks of threads, mostly never touched."""


class WorkerProcess:
    """Starts a command. For one thread; `close` it in the end."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], memory_bytes: int) -> None:
        """``memory_bytes``: no process may even reserve much more than that (Linux)."""
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,  # so that all it starts ends with it, and a Ctrl-C in the terminal is not for it
            env={**os.environ, **environment},
        )
        self._line = b""
        self._tail = b""
        self._selector = selectors.DefaultSelector()
        for pipe in (_pipe(self._process.stdout), _pipe(self._process.stderr)):
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ)
        if sys.platform == "linux":
            most = memory_bytes + SPARE_BYTES
            with suppress(ProcessLookupError):
                resource.prlimit(self._process.pid, resource.RLIMIT_DATA, (most, most))

    @property
    def group(self) -> int:
        """The number of its group."""
        return self._process.pid

    @property
    def tail(self) -> str:
        """The end of what it wrote to standard error."""
        return self._tail.decode(errors="replace").strip()

    def tell(self, line: str) -> None:
        """Write a line to its standard input, which stays open."""
        pipe = _pipe(self._process.stdin)
        with suppress(BrokenPipeError):  # it has ended already, which shows in its exit status
            pipe.write(line.encode() + b"\n")
            pipe.flush()

    def lines(self, seconds: float) -> list[bytes]:
        """The lines that it writes to standard output within that time; those that are there come at once."""
        found: list[bytes] = []
        for key, _ in self._selector.select(seconds):
            pipe = key.fileobj
            more = os.read(key.fd, AT_ONCE)
            if not more:
                self._selector.unregister(pipe)
            elif pipe is self._process.stdout:
                found += self._cut(more)
            else:
                self._tail = (self._tail + more)[-MAX_TAIL_BYTES:]
        return found

    def rest(self) -> list[bytes]:
        """What it wrote before it ended and was not read yet."""
        found: list[bytes] = []
        while self._selector.get_map() and self._selector.select(0):
            found += self.lines(0)
        return [*found, self._line] if self._line else found

    def has_ended(self) -> bool:
        """Whether it has. Its number is still its own then: nobody else's group gets a signal that was meant for it."""
        return os.waitid(os.P_PID, self.group, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def resident_bytes(self) -> int:
        """Memory of the whole group."""
        return resident_bytes(self.group)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole group."""
        with suppress(ProcessLookupError, PermissionError):  # macOS: all of them have ended
            os.killpg(self.group, number)

    def close(self) -> int:
        """Kill what is left of the group, and give back the exit status; negative: the signal that ended it."""
        self.signal(signal.SIGKILL)
        status = self._process.wait()
        self._selector.close()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with suppress(BrokenPipeError):
                _pipe(pipe).close()
        return status

    def _cut(self, more: bytes) -> list[bytes]:
        *whole, self._line = (self._line + more).split(b"\n")
        if len(self._line) > MAX_LINE_BYTES:
            whole.append(self._line)
            self._line = b""
        return whole


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise AssertionError("all three are pipes")
    return pipe
