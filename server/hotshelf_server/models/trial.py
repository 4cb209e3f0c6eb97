"""Tries a bundle in a throw-away child process: a crash or an endless load there costs the child, not the server."""

import json
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hotshelf_server.core.background import is_in_a_hurry
from hotshelf_server.core.errors import BadBundle, GoldenMismatch
from hotshelf_server.core.processes import GOLDEN_EXIT
from hotshelf_server.models.source import Bundle
from hotshelf_server.models.warm_process import Ended, ProcessLost, WarmProcess
from hotshelf_store.bundle import to_json

MAX_MESSAGE = 4_000
"""Characters of the child's words that are kept."""


IDLE_SECONDS = 30.0
"""How long a trial may wait for idle processors before it is begun anew with a share of them."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a trial found of a bundle that is good: the memory that it took, in bytes (0: unknown), and the files of
    which it has proved what the load in the server need not prove again."""

    memory_bytes: int = 0
    proved: tuple[str, ...] = ()


class Trial:
    """Has a child process load the bundle and replay its golden requests, within limits of time and memory."""

    def __init__(
        self, process: WarmProcess, seconds: float, limits: Mapping[str, Any], idle_seconds: float = IDLE_SECONDS
    ) -> None:
        """``process`` runs a task that reads a JSON object {folder, manifest, **limits} and prints what is wrong with
        the bundle, or else, on its last line, a `Tried` as a JSON object."""
        self._process = process
        self._seconds = seconds
        self._limits = limits
        self._idle_seconds = idle_seconds

    def __call__(self, bundle: Bundle) -> Tried:
        """What the child found.

        Raises `GoldenMismatch` when the golden answers differ, and `BadBundle` when the child finds the bundle bad
        otherwise, dies, or takes too long.
        """
        task = {
            "folder": str(bundle.folder),
            "manifest": json.loads(to_json(bundle.manifest)),
            **self._limits,
        }
        try:
            ended = self._run(json.dumps(task).encode())
        except TimeoutError:
            raise BadBundle(f"trial load took longer than {self._seconds:g} s and was killed") from None
        except ProcessLost as lost:
            raise BadBundle(f"trial load was not finished: {lost}") from lost
        if ended.code == GOLDEN_EXIT:
            raise GoldenMismatch(_account(ended.code, ended.said, ended.complaints))
        if ended.code != 0:
            raise BadBundle(_account(ended.code, ended.said, ended.complaints))
        return _tried(ended.said)

    def _run(self, task: bytes) -> Ended:
        # First where it costs the calls nothing. A server that never rests must get its new versions, too: they may be
        # what helps it.
        if self._seconds > self._idle_seconds and not is_in_a_hurry():
            with suppress(TimeoutError):
                return self._process.run(task, self._idle_seconds, idle=True)
        return self._process.run(task, self._seconds)


def _tried(said: str) -> Tried:
    """What a child says of a good bundle; nothing is known where it says something else."""
    try:
        found = json.loads(said.splitlines()[-1])
        return Tried(int(found["memory_bytes"]), tuple(map(str, found["proved"])))
    except (IndexError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return Tried()


def _account(code: int, said: str, complaints: str) -> str:
    """What happened, in one line."""
    last = complaints.splitlines()[-1][:MAX_MESSAGE] if complaints else "it said nothing"
    if code < 0:
        return f"trial load died of {signal.Signals(-code).name}: {last}"
    if said:
        return said[:MAX_MESSAGE]
    return f"trial load ended with exit code {code}: {last}"
