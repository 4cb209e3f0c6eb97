"""Load by h2load (nghttp2): one process for each connection, each with another message, since it repeats one.

h2load knows HTTP and nothing of gRPC: a refused call is an answer without content for it. So the bytes of content are
compared with those of as many right answers.
"""

import re
import resource
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hotshelf_server.core.types import Array
from tests.benchmarks.speed.cells import Cell
from tests.benchmarks.speed.wire import Target

WARM_UP = 0.3
"""Seconds at the beginning that don't count."""
REQUESTS = re.compile(
    r"^requests: .* (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", re.MULTILINE
)
CONTENT = re.compile(r"^traffic: .* \((\d+)\) data", re.MULTILINE)


class Void(Exception):
    """A run that doesn't count, and why."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it is posted, and the size of the content of its right answer, in bytes."""

    file: Path
    content_bytes: int


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one run: right answers in all; of the window that counts, calls a second and seconds of each call;
    CPU seconds of those who called.
    """

    answers: int
    rate: float
    durations: Array
    cpu_seconds: float


def call(target: Target, cell: Cell, messages: Sequence[Message], seconds: float, folder: Path) -> Load:
    """Call a server for so long after warming up, each connection with its message. Raises `Void`."""
    before = _children_seconds()
    runs = [
        subprocess.Popen(
            _command(target, cell, message, WARM_UP + seconds, folder / f"log-{place}"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for place, message in enumerate(messages)
    ]
    said = [run.communicate()[0] for run in runs]
    spent = _children_seconds() - before
    # Before anything is judged: a log that is left would count in the next run.
    logs = [_taken(folder / f"log-{place}") for place in range(len(messages))]
    unfinished = cell.streams if target.wire.http1 else 0
    answers = sum(answered(text, one.content_bytes, unfinished) for text, one in zip(said, messages, strict=True))
    if (logged := sum(map(len, logs))) != answers:
        raise Void(f"h2load logged {logged} of {answers} calls")
    rate, durations = window(logs, seconds)
    return Load(answers, rate, durations, spent)


def answered(text: str, content_bytes: int, unfinished: int = 0) -> int:
    """How many calls of a run got the right number of bytes, by what h2load wrote. Raises `Void` if not all did.

    ``unfinished``: calls in flight at the end, of which it may have counted the content and nothing else. That it does
    over HTTP/1.1, where a refusal has a status of its own and is counted as failed.
    """
    requests, content = REQUESTS.search(text), CONTENT.search(text)
    if not requests or not content:
        raise Void(f"h2load wrote no result: {text[-500:]}")
    done, succeeded, failed, errored, late = map(int, requests.groups())
    if failed or errored or late or done != succeeded:
        raise Void(f"of {done} calls {failed} failed, {errored} broke off, {late} timed out")
    expected = succeeded * content_bytes
    if not 0 <= int(content[1]) - expected <= unfinished * content_bytes:
        raise Void(f"{succeeded} calls were answered by {content[1]} bytes instead of {expected}: some were refused")
    if not succeeded:
        raise Void("no call was answered")
    return succeeded


def window(logs: Sequence[Array], seconds: float) -> tuple[float, Array]:
    """Calls a second and their durations in seconds, of those that ended while all processes called.

    Of h2load's logs [n, 3]: µs of the clock at the start, HTTP status, µs that it took. Raises `Void` for none.
    """
    if any(not len(one) for one in logs):
        raise Void("a connection got no answer")
    begin = max(int(one[0, 0]) for one in logs) + WARM_UP * 1e6
    everything = np.concatenate(logs)
    ends = everything[:, 0] + everything[:, 2]
    end = min(begin + seconds * 1e6, *(int(one[-1, 0] + one[-1, 2]) for one in logs))
    counted = everything[(ends >= begin) & (ends < end)]
    if not len(counted):
        raise Void("no call ended while all processes called: ask for more seconds")
    return len(counted) / (end - begin) * 1e6, counted[:, 2] / 1e6


def _taken(log: Path) -> Array:
    """[n, 3] what a log says, if there is one. It is removed, since h2load would write the next one behind it."""
    if not log.exists():
        return np.empty((0, 3), dtype=np.int64)
    found = np.fromfile(log, dtype=np.int64, sep=" ").reshape(-1, 3)
    log.unlink()
    return found


def _command(target: Target, cell: Cell, message: Message, seconds: float, log: Path) -> list[str]:
    headers = [part for header in target.wire.headers for part in ("--header", header)]
    # HTTP/1.1 has one call at once on a connection.
    at_once = (
        ["--h1", f"--clients={cell.streams}"] if target.wire.http1 else [f"--max-concurrent-streams={cell.streams}"]
    )
    load = ["--threads=1", *at_once, f"--duration={seconds * 1e3:.0f}ms"]
    return [
        "h2load",
        *load,
        *headers,
        f"--data={message.file}",
        f"--log-file={log}",
        f"http://127.0.0.1:{target.port}{target.wire.path}",
    ]


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
