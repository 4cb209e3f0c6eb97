"""Tries a bundle in a throw-away child process: a crash or an endless load there costs the child, not the server."""

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.core.processes import give_way
from hotshelf_server.models.source import Bundle
from hotshelf_store.bundle import to_json

MAX_MESSAGE = 4_000
"""Characters of the child's words that are kept."""

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Environment of libraries that would otherwise compute on every core."""


class Trial:
    """Runs a command that loads the bundle and replays its golden requests, within limits of time and memory."""

    def __init__(self, command: Sequence[str], seconds: float, limits: Mapping[str, Any]) -> None:
        """``command`` reads a JSON object {folder, manifest, **limits} and prints what is wrong with the bundle,
        or else the memory in bytes that it takes."""
        self._command = command
        self._seconds = seconds
        self._limits = limits

    def __call__(self, bundle: Bundle) -> int:
        """The memory that the bundle took, in bytes; 0 when the child doesn't say.

        Raises `BadBundle` when it finds the bundle bad, dies, or takes too long.
        """
        task = {
            "folder": str(bundle.folder),
            "manifest": json.loads(to_json(bundle.manifest)),
            **self._limits,
        }
        # A session of its own, so that a kill reaches what the child itself has started.
        with subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, **ONE_THREAD},
        ) as child:
            # From here and not by the child itself: most of what it computes is to import its libraries.
            give_way(child.pid)
            try:
                said, complaints = child.communicate(json.dumps(task), timeout=self._seconds)
            except subprocess.TimeoutExpired:
                raise BadBundle(f"trial load took longer than {self._seconds:g} s and was killed") from None
            finally:
                _kill_session(child)
        if child.returncode != 0:
            raise BadBundle(_account(child.returncode, said.strip(), complaints.strip()))
        measured = said.strip()
        return int(measured) if measured.isdecimal() else 0


def _kill_session(child: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):  # all of it has ended
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _account(code: int, said: str, complaints: str) -> str:
    """What happened, in one line."""
    last = complaints.splitlines()[-1][:MAX_MESSAGE] if complaints else "it said nothing"
    if code < 0:
        return f"trial load died of {signal.Signals(-code).name}: {last}"
    if said:
        return said[:MAX_MESSAGE]
    return f"trial load ended with exit code {code}: {last}"
