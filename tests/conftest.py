"""What holds for the whole test run."""

import os
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import settings

# Machines that run tests are shared: how long an example takes says nothing.
settings.register_profile("hotshelf", deadline=None)
settings.load_profile("hotshelf")


@pytest.fixture(scope="session", autouse=True)
def _children_import_what_tests_import() -> Iterator[None]:
    """Processes that the code under test starts see the packages of this checkout, also where it isn't installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    """A run that must be complete names the skips that it puts up with."""
    parser.addoption(
        "--allowed-skips",
        type=Path,
        metavar="FILE",
        help="fail when a test is skipped whose id no line (a shell pattern) of FILE matches",
    )


def pytest_configure(config: pytest.Config) -> None:
    if path := config.getoption("--allowed-skips"):
        config.pluginmanager.register(AllowedSkips(path.read_text()))


class AllowedSkips:
    """Turns a skip that nobody allowed into a failure of the run."""

    def __init__(self, text: str) -> None:
        stripped = (line.split("#", 1)[0].strip() for line in text.splitlines())
        self.patterns = [line for line in stripped if line]
        self.refused: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.note(report)

    def note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        expected_failure = hasattr(report, "wasxfail")
        if not report.skipped or expected_failure:
            return
        if not any(fnmatchcase(report.nodeid, pattern) for pattern in self.patterns):
            self.refused.append(report.nodeid)

    # Before the terminal reporter reads the status for its closing line.
    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.refused and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for nodeid in self.refused:
            terminalreporter.write_line(f"SKIPPED, but not allowed to be: {nodeid}", red=True)
