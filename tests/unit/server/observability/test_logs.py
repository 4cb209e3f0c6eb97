"""Levels of the log are switched while the server runs."""

import logging

import pytest

from hotshelf_server.observability.logs import LogLevels


def passed(levels: LogLevels) -> set[str]:
    """The levels whose messages are logged."""
    names = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
    numbers = logging.getLevelNamesMapping()
    return {name for name in names if levels.filter(logging.makeLogRecord({"levelno": numbers[name]}))}


@pytest.mark.parametrize(
    ("least", "names"),
    [
        ("DEBUG", {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}),
        ("INFO", {"INFO", "WARNING", "ERROR", "CRITICAL"}),
        ("WARNING", {"WARNING", "ERROR", "CRITICAL"}),
        ("ERROR", {"ERROR", "CRITICAL"}),
    ],
)
def test_the_least_level_begins(least: str, names: set[str]) -> None:
    assert passed(LogLevels(least)) == names


def test_levels_are_switched_one_by_one() -> None:
    levels = LogLevels("INFO")
    levels.change({"log_warning": False, "log_verbose_level": 1})
    assert passed(levels) == {"DEBUG", "INFO", "ERROR", "CRITICAL"}
    assert levels.told() == {"log_info": True, "log_warning": False, "log_error": True, "log_verbose_level": 1}
    levels.change({"log_verbose_level": 0})
    assert passed(levels) == {"INFO", "ERROR", "CRITICAL"}


def test_debug_messages_are_made_only_while_they_pass() -> None:
    logger, levels = logging.getLogger("a server"), LogLevels("INFO")
    handler = logging.NullHandler()
    logger.addHandler(handler)
    levels.install(logger)
    assert (logger.level, handler.filters) == (logging.INFO, [levels])
    levels.change({"log_verbose_level": 2})
    assert logger.level == logging.DEBUG
