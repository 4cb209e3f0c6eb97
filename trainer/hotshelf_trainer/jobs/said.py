"""What a worker says on its standard output: one JSON object a line. Both ends of that pipe."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from hotshelf_trainer.jobs.training import MAX_LINE, LogLine, StageProgress
from hotshelf_trainer.progress import Share

EVERY_SECONDS = 1.0
"""Shares of a stage are told no more often than that, and in its first and last moment."""


@dataclass(frozen=True, slots=True)
class Published:
    """The training published a version."""

    version: int
    passed: bool
    """Whether the gate passed it."""
    note: str


@dataclass(frozen=True, slots=True)
class NotNeeded:
    """There was no occasion to train."""

    why: str


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The training could not go on."""

    message: str
    mistake: bool
    """Whether recipe, data or store are to blame."""


End = Published | NotNeeded | GaveUp
"""The last that is said."""

Said = StageProgress | LogLine | End
KINDS: dict[str, type[Said]] = {
    "stage": StageProgress,
    "log": LogLine,
    "published": Published,
    "not_needed": NotNeeded,
    "gave_up": GaveUp,
}
NAMES = {kind: name for name, kind in KINDS.items()}


def line_of(said: Said) -> str:
    """One line, without its end."""
    return json.dumps({"kind": NAMES[type(said)], **asdict(said)})


def said_in(line: bytes) -> Said:
    """What a line says. A line that nobody meant for us is a line of the log."""
    text = line.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    try:
        content: dict[str, Any] = json.loads(text)
        return KINDS[content.pop("kind")](**content)
    except (ValueError, KeyError, TypeError, AttributeError):
        return LogLine(text.rstrip()[:MAX_LINE])


class SaidProgress:
    """Says a training's progress, line by line."""

    def __init__(self, say: Callable[[Said], None], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._say = say
        self._monotonic = monotonic

    @contextmanager
    def stage(self, title: str) -> Iterator[Share]:
        """Its begin, its shares now and then, its end."""
        began = told = self._monotonic()
        self._say(StageProgress(title, 0.0, over=False, seconds=0.0))

        def share(done: float) -> None:
            nonlocal told
            now = self._monotonic()
            if now - told >= EVERY_SECONDS:
                told = now
                self._say(StageProgress(title, min(1.0, max(0.0, done)), over=False, seconds=now - began))

        yield share
        self._say(StageProgress(title, 1.0, over=True, seconds=self._monotonic() - began))

    def say(self, text: str) -> None:
        """Each line a line of the log."""
        for line in text.splitlines():
            self._say(LogLine(line[:MAX_LINE]))
