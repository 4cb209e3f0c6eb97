"""Runs tasks in forks of one warm process. `core.forking` is the other side."""

import os
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from hotshelf_server.core.background import is_in_a_hurry
from hotshelf_server.core.forking import IDLE, SHARE
from hotshelf_server.core.processes import give_way

TRIAL_COMMAND: Sequence[str] = (sys.executable, "-m", "hotshelf_server.trial")

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Environment of libraries that would otherwise compute on every core."""

MAX_SAID = 64 << 10
"""Bytes of each output that are kept: the last ones."""

AT_ONCE = 1 << 20
"""Bytes to read at once. More than a socket holds, so that one read empties it."""


class ProcessLost(Exception):
    """The warm process ended, for a reason of its own, before the task did."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a task ended: its exit code (negative: the signal) and its last words."""

    code: int
    said: str
    complaints: str


class WarmProcess:
    """Starts the process at the first task, and anew when it has ended. Thread-safe; tasks run side by side."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], control: socket.socket | None = None
    ) -> None:
        """``command`` runs `serve_forks`; the number of its control socket is appended as the last argument.

        ``control``: that of a process which runs already, and which others may use as well. When it has ended, this
        one gets a process of its own.
        """
        self._command = command
        self._environment = environment
        self._lock = threading.Lock()
        self._control = control
        self._process: subprocess.Popen[bytes] | None = None
        self._gives_way = False

    def begin(self) -> None:
        """Start the process before there is a task, so that it imports its libraries while others import theirs."""
        with self._lock, suppress(OSError):  # which the first task meets again
            self._begun()

    def run(self, task: bytes, seconds: float, *, idle: bool = False) -> Ended:
        """Have a fork read ``task`` from its standard input and see it through, ``idle``: in idle time alone.

        Raises `TimeoutError` after ``seconds``, when it has been killed with all that it started, and `ProcessLost`.
        """
        deadline = time.monotonic() + seconds
        with ExitStack() as open_ends:
            ours, theirs = [], []
            for _ in range(4):
                our_end, their_end = socket.socketpair()
                open_ends.enter_context(our_end)
                ours.append(our_end)
                theirs.append(their_end)
            self._hand_over(IDLE if idle else SHARE, theirs)
            to_read, *outputs = ours
            # One that ends without reading shows in its exit code.
            with suppress(BrokenPipeError, ConnectionResetError):
                to_read.settimeout(seconds)
                to_read.sendall(task)
                to_read.shutdown(socket.SHUT_WR)
            said, complaints, code = _listen(outputs, deadline)
        if not code:
            raise ProcessLost("the process of trial loads ended; a new one is started for the next")
        return Ended(int(code), said, complaints)

    def close(self) -> None:
        """End the process and its tasks."""
        with self._lock:
            self._end()

    def _hand_over(self, kind: bytes, ends: Sequence[socket.socket]) -> None:
        numbers = [end.fileno() for end in ends]
        try:
            with self._lock:
                try:
                    socket.send_fds(self._alive(), [kind], numbers)
                except OSError:
                    self._end()
                    socket.send_fds(self._alive(), [kind], numbers)
        except OSError as error:
            raise ProcessLost(f"the process of trial loads doesn't start: {error}") from error
        finally:
            for end in ends:
                end.close()

    def _begun(self) -> socket.socket:
        if self._control is None:
            self._process, self._control = start(self._command, self._environment)
            self._gives_way = False
        return self._control

    def _alive(self) -> socket.socket:
        control = self._begun()
        if not (self._gives_way or self._process is None or is_in_a_hurry()):
            # From here and not by itself: most of what it computes is to import its libraries.
            give_way(self._process.pid)
            self._gives_way = True
        return control

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.wait()
            self._process = None


def trial_process(control: socket.socket | None = None) -> WarmProcess:
    """That of the trial loads."""
    return WarmProcess(TRIAL_COMMAND, ONE_THREAD, control)


def start(command: Sequence[str], environment: Mapping[str, str]) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """A process that runs `serve_forks`, and the socket by which it is told. It ends when nobody holds that."""
    control, inherited = socket.socketpair()
    with inherited, ExitStack() as unless_started:
        unless_started.enter_context(control)
        process = subprocess.Popen(
            (*command, str(inherited.fileno())),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(inherited.fileno(),),
            # A Ctrl-C in the terminal is for the server, which then ends this one. But no session of its own: where
            # Linux groups by session (autogroup), a low priority counts within that session alone.
            process_group=0,
            env={**os.environ, **environment},
        )
        unless_started.pop_all()
    return process, control


def _listen(ends: Sequence[socket.socket], deadline: float) -> tuple[str, str, str]:
    """The last words on each of standard output, standard error and the line of the exit code, which comes last."""
    heard = [b"" for _ in ends]
    with selectors.DefaultSelector() as selector:
        for number, end in enumerate(ends):
            end.settimeout(0)
            selector.register(end, selectors.EVENT_READ, number)
        last = len(ends) - 1
        while (left := deadline - time.monotonic()) > 0:
            ready = selector.select(left)
            # Whatever a task said before it ended is there when its exit code is, so it is read before that.
            for key, _ in sorted(ready, key=lambda one: one[0].data):
                number = key.data
                with suppress(ConnectionResetError):
                    if more := ends[number].recv(AT_ONCE):
                        heard[number] = (heard[number] + more)[-MAX_SAID:]
                        continue
                selector.unregister(ends[number])
                if number == last:
                    said, complaints, code = (words.decode(errors="replace").strip() for words in heard)
                    return said, complaints, code
    raise TimeoutError
