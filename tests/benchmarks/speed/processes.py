"""A server's processes, and what they use."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
SECONDS_TO_END = 10.0


class Processes:
    """A process that was started here, and all that it started."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process = process
        self._log = log

    @property
    def log(self) -> str:
        """What they wrote so far."""
        return self._log.read_text(errors="replace")

    @property
    def ended(self) -> bool:
        """Whether the first of them has."""
        return self._process.poll() is not None

    @property
    def cpu_seconds(self) -> float:
        """User and system time of all that live, and of the dead ones that were waited for."""
        return sum(_ticks(number) for number in self._numbers()) / TICKS

    @property
    def pss_mb(self) -> float:
        """Proportional set size in MB (10⁶ bytes): pages that are shared count in parts."""
        return sum(_pss(number) for number in self._numbers()) * 1024 / 1e6

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self._numbers())

    def _numbers(self) -> set[int]:
        return tree(self._process.pid, parents())


@contextmanager
def started(command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> Iterator[Processes]:
    """Run a command in a folder, in a session of its own, with these variables over those of this process.

    In the end all of the session ends.
    """
    with (
        log.open("wb") as file,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, **environment},
            start_new_session=True,
        ) as process,
    ):
        try:
            yield Processes(process, log)
        finally:
            _end(process)


def parents() -> Mapping[int, int]:
    """Of each process of this machine, its parent."""
    found = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit() and (fields := _fields(int(folder.name))):
            found[int(folder.name)] = int(fields[1])
    return found


def tree(root: int, parent_of: Mapping[int, int]) -> set[int]:
    """A process and its descendants."""
    found, new = {root}, {root}
    while new := {child for child, parent in parent_of.items() if parent in new} - found:
        found |= new
    return found


def _ticks(number: int) -> int:
    fields = _fields(number)
    return sum(map(int, fields[11:15]))


def _fields(number: int) -> list[str]:
    """Of ``/proc/PID/stat`` what follows the name: the state first. Nothing of a process that has gone."""
    try:
        return (PROC / str(number) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _pss(number: int) -> int:
    """KiB."""
    try:
        found = re.search(r"^Pss:\s+(\d+)", (PROC / str(number) / "smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def _end(process: "subprocess.Popen[bytes]") -> None:
    """By SIGTERM, then by SIGKILL, and what the first left behind of its session too."""
    _signal(process.pid, signal.SIGTERM)
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        pass
    finally:
        _signal(process.pid, signal.SIGKILL)


def _signal(session: int, number: signal.Signals) -> None:
    try:
        os.killpg(session, number)
    except ProcessLookupError:
        return
