"""Which levels are logged, switched one by one while the server runs."""

import logging
import threading
from collections.abc import Mapping
from typing import ClassVar


class LogLevels(logging.Filter):
    """A filter on a logger's handlers. Debug messages pass at a verbose level of 1 and more."""

    SWITCHES: ClassVar[Mapping[str, int]] = {
        "log_info": logging.INFO,
        "log_warning": logging.WARNING,
        "log_error": logging.ERROR,
    }
    VERBOSE: ClassVar[str] = "log_verbose_level"

    def __init__(self, least_level: str) -> None:
        """``least_level``: the name of the least level that is logged to begin with."""
        super().__init__()
        level = logging.getLevelNamesMapping()[least_level]
        self._lock = threading.Lock()
        self._logger: logging.Logger | None = None
        self._on = {name: level <= least for name, least in self.SWITCHES.items()}
        self._verbose = 1 if level <= logging.DEBUG else 0

    def install(self, logger: logging.Logger) -> None:
        """Decide for every handler of a logger from now on."""
        self._logger = logger
        for handler in logger.handlers:
            handler.addFilter(self)
        self._set_level()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a message is logged."""
        if record.levelno < logging.INFO:
            return self._verbose > 0
        return self._on[[name for name, least in self.SWITCHES.items() if record.levelno >= least][-1]]

    def change(self, values: Mapping[str, bool | int]) -> None:
        """Switch what is named."""
        with self._lock:
            for name, value in values.items():
                if name == self.VERBOSE:
                    self._verbose = int(value)
                    self._set_level()
                else:
                    self._on[name] = bool(value)

    def told(self) -> Mapping[str, bool | int]:
        """Every switch, and the verbose level."""
        return {**self._on, self.VERBOSE: self._verbose}

    def _set_level(self) -> None:
        """Have debug messages made only where they pass: making them costs."""
        if self._logger is not None:
            self._logger.setLevel(logging.DEBUG if self._verbose else logging.INFO)
