"""A training's progress, heard by a test."""

from collections.abc import Iterator
from contextlib import contextmanager

from hotshelf_trainer.progress import Share


class Cut(Exception):
    """The process was ended in the middle, as far as the training can tell."""


class Heard:
    """Keeps the lines, and ends the training where a search has come as far as ``cut_at``."""

    def __init__(self, cut_at: float | None = None) -> None:
        self.lines: list[str] = []
        self.cut_at = cut_at

    @contextmanager
    def stage(self, title: str) -> Iterator[Share]:
        def share(done: float) -> None:
            if self.cut_at is not None and title.startswith("Searching") and done >= self.cut_at:
                raise Cut

        yield share

    def say(self, text: str) -> None:
        self.lines.append(text)
