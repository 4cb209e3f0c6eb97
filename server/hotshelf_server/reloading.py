"""Takes changed settings of models over while the server runs."""

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from hotshelf_server.core.model_settings import ModelSettings
from hotshelf_server.settings import Settings, SettingsError

log = logging.getLogger(__name__)

LIVE = frozenset({"model_settings"})
"""Settings that can change without a restart."""

LOOK_SECONDS = 1.0
"""Time between looks at the file."""


Take = Callable[[Mapping[str, ModelSettings]], None]
"""Lets settings of models hold from now on."""


class Reloading:
    """Reads the settings anew when it is told to, or when their file has changed. Bad ones change nothing."""

    def __init__(self, settings: Settings, read: Callable[[], Settings], take: Take, file: Path | None) -> None:
        """``read`` gives the settings as they are said now."""
        self._settings = settings
        self._read = read
        self._take = take
        self._file = file
        self._stamp = self._look()

    def look(self) -> None:
        """Read anew if the file has changed since the last look."""
        stamp = self._look()
        if stamp != self._stamp:
            self._stamp = stamp
            self.reload()

    def reload(self) -> None:
        """Read anew."""
        try:
            settings = self._read()
        except SettingsError as error:
            log.error("the settings were not taken over: %s", error)  # noqa: TRY400 - the message says it all
            return
        fixed = [
            name
            for name in Settings.model_fields
            if name not in LIVE and getattr(settings, name) != getattr(self._settings, name)
        ]
        if fixed:
            log.warning("these settings changed, but hold from the next start on: %s", ", ".join(fixed))
        self._take(settings.model_settings)
        log.info("the settings of models were read anew")

    def watch(self, until: threading.Event, told: threading.Event) -> None:
        """Look again and again, and at once when ``told``."""
        while not until.is_set():
            if told.wait(LOOK_SECONDS) and not until.is_set():
                told.clear()
                self.reload()
            self.look()

    def _look(self) -> tuple[float, int] | None:
        try:
            found = self._file.stat() if self._file else None
        except OSError:
            return self._stamp  # it is just being replaced
        return (found.st_mtime, found.st_ino) if found else None
