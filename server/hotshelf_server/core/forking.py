"""The warm process behind trial loads: it has imported what they need, and forks for each.

Imports are nine tenths of what a trial costs, and on busy cores the callers of other models wait for every bit of it.

What is said to it, on a stream socket that it inherits: one byte with four descriptors, for each task. The byte tells
whether the task may use idle time alone, or has a share of the processors, if the least. The first three descriptors
become standard input, output and error of a fork that runs the task; on the fourth, a socket, it says the exit code as
a decimal line (negative for a signal, as in `os.waitstatus_to_exitcode`). Whoever closes the other end of that socket
has the fork killed, with all that it started. The process ends when the stream does.
"""

import gc
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress

from hotshelf_server.core.processes import use_idle_time
from hotshelf_server.core.pulse import Pulse

IDLE = b"i"
SHARE = b"s"
"""What a task may use of the processors."""

PACED_SECONDS = 10.0
"""How long a task that uses idle time is held up again and again."""

MAX_DESCRIPTORS = 1 << 20
"""Above any that this process can have."""

DESCRIPTORS = 4
"""Passed with each task."""


def serve_forks(control: socket.socket, task: Callable[[], int]) -> None:
    """Fork for each task that comes until the other side closes. ``task`` returns its exit code.

    To be called on the only thread there is: a fork of a process with threads may find their locks held for ever.
    """
    gc.collect()
    gc.freeze()  # or else a fork's first collection would copy every page that holds an object
    with _Forks(control, task) as forks:
        forks.run()


class _Forks:
    def __init__(self, control: socket.socket, task: Callable[[], int]) -> None:
        self._control = control
        self._task = task
        self._lines: dict[int, socket.socket] = {}
        self._pulse = Pulse(PACED_SECONDS)
        self._selector = selectors.DefaultSelector()
        self._woken, self._wake = socket.socketpair()
        for end in (self._woken, self._wake):
            end.settimeout(0)
        self._selector.register(control, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # a handler there must be for the wakeup to happen
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)

    def __enter__(self) -> "_Forks":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._lines:
            _kill_group(process)

    def run(self) -> None:
        """Until the control socket is closed."""
        while True:
            ready = {key.fileobj: key.data for key, _ in self._selector.select(self._pulse.seconds_left())}
            self._pulse.beat()
            if self._control in ready and not self._begin():
                return
            for process in filter(None, ready.values()):
                # Its line is closed. The end that the kill brings about is told to nobody, but still reaped.
                _kill_group(process)
                self._selector.unregister(self._lines[process])
            if self._woken in ready:
                self._woken.recv(4096)
                self._reap()

    def _begin(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, 1, DESCRIPTORS)
        if not message:
            return False
        *standard, told = descriptors
        process = os.fork()
        if process == 0:
            _become(standard, self._task, idle=message == IDLE)
        for descriptor in standard:
            os.close(descriptor)
        self._lines[process] = socket.socket(fileno=told)
        if message == IDLE:
            self._pulse.add(process)
        self._selector.register(self._lines[process], selectors.EVENT_READ, process)
        return True

    def _reap(self) -> None:
        for process in list(self._lines):
            # First only looked at: as long as it is not reaped, its number can't become another process's.
            if os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            _kill_group(process)
            _, status = os.waitpid(process, 0)
            self._pulse.discard(process)
            line = self._lines.pop(process)
            with suppress(KeyError):  # it was closed already
                self._selector.unregister(line)
            with line, suppress(OSError):
                line.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(standard: list[int], task: Callable[[], int], *, idle: bool) -> None:
    """The fork's life. Never returns."""
    code = 1
    try:
        os.setpgid(0, 0)  # what it starts itself is killed together with it
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if idle:
            use_idle_time(0)
        for place, descriptor in enumerate(standard):
            os.dup2(descriptor, place)
        # All of them: whoever waits for another task's line to close must not wait for this one, too.
        os.closerange(len(standard), MAX_DESCRIPTORS)
        code = task()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001 - whatever it is, this process ends here
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _kill_group(process: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # it has ended, or has no group of its own yet
        os.killpg(process, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
