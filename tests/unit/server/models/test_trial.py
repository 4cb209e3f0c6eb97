"""What a bundle does to the child process never reaches the server."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotshelf_server.core.errors import BadBundle, GoldenMismatch
from hotshelf_server.core.processes import GOLDEN_EXIT
from hotshelf_server.models.source import Bundle
from hotshelf_server.models.trial import Trial, Tried
from hotshelf_server.models.warm_process import WarmProcess
from hotshelf_store import Manifest

BUNDLE = Bundle(Path("/nowhere"), Manifest(runtime="lightgbm"))

RUNS_WHAT_IT_IS_TOLD = """
import json, socket, sys
from hotshelf_server.core.forking import serve_forks

def task():
    said = json.load(sys.stdin)
    exec(said["code"], {"task": said})
    return 0

serve_forks(socket.socket(fileno=int(sys.argv[1])), task)
"""


@pytest.fixture(scope="module")
def process() -> Iterator[WarmProcess]:
    warm = WarmProcess((sys.executable, "-c", RUNS_WHAT_IT_IS_TOLD), {})
    yield warm
    warm.close()


def test_the_child_knows_the_bundle_and_the_limits(process: WarmProcess) -> None:
    code = "assert task['manifest']['runtime'] == 'lightgbm' and task['folder'] == '/nowhere'"
    assert Trial(process, 20.0, {"code": code})(BUNDLE) == Tried()


def test_what_the_child_measured_and_proved_is_told(process: WarmProcess) -> None:
    code = """print('a model that talks'); print('{"memory_bytes": 4711, "proved": ["model.txt"]}')"""
    assert Trial(process, 20.0, {"code": code})(BUNDLE) == Tried(4711, ("model.txt",))


@pytest.mark.parametrize(
    "said",
    [
        "",
        "4711",
        "[]",
        '{"memory_bytes": 1}',
        '{"memory_bytes": "?", "proved": []}',
        '{"memory_bytes": Infinity, "proved": []}',
        "[" * 20_000,
    ],
)
def test_of_a_child_that_says_something_else_nothing_is_known(process: WarmProcess, said: str) -> None:
    assert Trial(process, 20.0, {"code": f"print({said!r})"})(BUNDLE) == Tried()


def test_golden_answers_that_differ_are_told_from_other_faults(process: WarmProcess) -> None:
    code = f"print('golden case 0: it differs'); raise SystemExit({GOLDEN_EXIT})"
    with pytest.raises(GoldenMismatch, match="golden case 0"):
        Trial(process, 20.0, {"code": code})(BUNDLE)
    with pytest.raises(BadBundle) as caught:
        Trial(process, 20.0, {"code": "raise SystemExit(1)"})(BUNDLE)
    assert type(caught.value) is BadBundle


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("print('its golden answers differ'); raise SystemExit(1)", "its golden answers differ"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "died of SIGSEGV: it said nothing"),
        ("import os; os._exit(7)", "ended with exit code 7"),
        ("raise ValueError('odd')", "ended with exit code 1: ValueError: odd"),
    ],
)
def test_how_a_child_ended_is_told(process: WarmProcess, code: str, words: str) -> None:
    with pytest.raises(BadBundle, match=words):
        Trial(process, 20.0, {"code": code})(BUNDLE)


def test_a_child_that_takes_too_long_is_killed(process: WarmProcess) -> None:
    started = time.monotonic()
    with pytest.raises(BadBundle, match=r"took longer than 0\.3 s and was killed"):
        Trial(process, 0.3, {"code": "import time; time.sleep(3600)"})(BUNDLE)
    assert time.monotonic() - started < 20


def test_a_process_that_is_lost_is_said_to_be(process: WarmProcess) -> None:
    with pytest.raises(BadBundle, match="not finished: the process of trial loads ended"):
        Trial(process, 20.0, {"code": "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"})(BUNDLE)
    assert Trial(process, 20.0, {"code": ""})(BUNDLE) == Tried(), "the next one has a new process"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no idle time")
def test_a_trial_that_finds_no_idle_time_is_begun_anew_with_a_share_of_the_processors(process: WarmProcess) -> None:
    code = """
import os, time
if os.sched_getscheduler(0) == os.SCHED_IDLE:
    time.sleep(3600)
print('{"memory_bytes": 7, "proved": []}')
"""
    assert Trial(process, 20.0, {"code": code}, idle_seconds=0.3)(BUNDLE) == Tried(7)
