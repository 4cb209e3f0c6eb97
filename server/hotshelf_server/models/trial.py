"""Tries a bundle in a throw-away child process: a crash or an endless load there costs the child, not the server."""

import json
import signal
from collections.abc import Mapping
from contextlib import suppress
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


class Trial:
    """Has a child process load the bundle and replay its golden requests, within limits of time and memory."""

    def __init__(
        self, process: WarmProcess, seconds: float, limits: Mapping[str, Any], idle_seconds: float = IDLE_SECONDS
    ) -> None:
        """``process`` runs a task that reads a JSON object {folder, manifest, **limits} and prints what is wrong with
        the bundle, or else the memory in bytes that it takes."""
        self._process = process
        self._seconds = seconds
        self._limits = limits
        self._idle_seconds = idle_seconds

    def __call__(self, bundle: Bundle) -> int:
        """The memory that the bundle took, in bytes; 0 when the child doesn't say.

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
        return int(ended.said) if ended.said.isdecimal() else 0

    def _run(self, task: bytes) -> Ended:
        # First where it costs the calls nothing. A server that never rests must get its new versions, too: they may be
        # what helps it.
        if self._seconds > self._idle_seconds and not is_in_a_hurry():
            with suppress(TimeoutError):
                return self._process.run(task, self._idle_seconds, idle=True)
        return self._process.run(task, self._seconds)


def _account(code: int, said: str, complaints: str) -> str:
    """What happened, in one line."""
    last = complaints.splitlines()[-1][:MAX_MESSAGE] if complaints else "it said nothing"
    if code < 0:
        return f"trial load died of {signal.Signals(-code).name}: {last}"
    if said:
        return said[:MAX_MESSAGE]
    return f"trial load ended with exit code {code}: {last}"
