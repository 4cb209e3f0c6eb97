"""What operators have said of models and settings, for workers that come later."""

import json
from collections.abc import Sequence
from typing import Any

from hotshelf_server.workers.deeds import LOAD, LOGS, TRACE, UNLOAD

MAX_WORDS = 10_000
"""Words that are kept, the latest: one for each model, and one for each change of other settings."""


class Journal:
    """Keeps the last word on each model, and every change of other settings in its order."""

    def __init__(self) -> None:
        self._words: dict[tuple[str, ...], tuple[str, str]] = {}

    def add(self, deed: str, request: str) -> None:
        """All workers were told to do this."""
        if deed in (LOAD, UNLOAD):
            self._put(("model", json.loads(request)["model"]), deed, request)
        elif deed in (TRACE, LOGS):
            self._put((deed, request), deed, request)

    def settings_were_read(self) -> None:
        """The settings of models that came with loads have ended."""
        for key, (deed, request) in self._words.items():
            if deed == LOAD:
                word: dict[str, Any] = {**json.loads(request), "settings": None}
                self._words[key] = deed, json.dumps(word)

    def words(self) -> Sequence[tuple[str, str]]:
        """The deeds and what they were to be done with, the earliest first."""
        return list(self._words.values())

    def _put(self, key: tuple[str, ...], deed: str, request: str) -> None:
        self._words.pop(key, None)
        self._words[key] = deed, request
        if len(self._words) > MAX_WORDS:
            del self._words[next(iter(self._words))]
