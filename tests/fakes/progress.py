"""A training's progress, heard by a test."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from hotshelf_trainer.progress import Share


class Cut(Exception):
    """The process was ended in the middle, as far as the training can tell."""


class Heard:
    """Keeps the lines, ends the training where a search has come as far as ``cut_at``, and does ``at`` its stages."""

    def __init__(self, cut_at: float | None = None, at: Mapping[str, Callable[[], object]] | None = None) -> None:
        """``at``: what happens when a stage of that title begins."""
        self.lines: list[str] = []
        self.cut_at = cut_at
        self.at = at or {}

    @contextmanager
    def stage(self, title: str) -> Iterator[Share]:
        self.at.get(title, lambda: None)()

        def share(done: float) -> None:
            if self.cut_at is not None and title.startswith("Searching") and done >= self.cut_at:
                raise Cut

        yield share

    def say(self, text: str) -> None:
        self.lines.append(text)
