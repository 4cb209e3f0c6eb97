"""What a bundle does to the child process never reaches the server."""

import sys
import time
from pathlib import Path

import pytest

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.models.source import Bundle
from hotshelf_server.models.trial import Trial
from hotshelf_store import Manifest

BUNDLE = Bundle(Path("/nowhere"), Manifest(runtime="lightgbm"))


def trial(code: str, seconds: float = 20.0) -> Trial:
    return Trial((sys.executable, "-c", code), seconds, {})


def test_a_child_that_says_nothing_is_content() -> None:
    trial("import sys, json; assert json.load(sys.stdin)['manifest']['runtime'] == 'lightgbm'")(BUNDLE)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("print('its golden answers differ'); raise SystemExit(1)", "its golden answers differ"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "died of SIGSEGV: it said nothing"),
        ("import os; os._exit(7)", "ended with exit code 7"),
        ("raise ValueError('odd')", "ended with exit code 1: ValueError: odd"),
    ],
)
def test_how_a_child_ended_is_told(code: str, words: str) -> None:
    with pytest.raises(BadBundle, match=words):
        trial(code)(BUNDLE)


def test_a_child_that_never_ends_is_killed_with_all_that_it_started() -> None:
    started = time.monotonic()
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(3600)'])"
    with pytest.raises(BadBundle, match="took longer than 1 s and was killed"):
        trial(code, seconds=1.0)(BUNDLE)
    assert time.monotonic() - started < 20


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no batch processes")
def test_a_child_computes_in_the_time_that_others_leave() -> None:
    # The server lowers its priority once it runs, hence the wait; and libraries shall not start a thread a core.
    code = """
import os, time
end = time.monotonic() + 10
while os.sched_getscheduler(0) != os.SCHED_BATCH and time.monotonic() < end:
    time.sleep(0.01)
print(os.getpriority(os.PRIO_PROCESS, 0), os.environ["OMP_NUM_THREADS"], os.sched_getscheduler(0) == os.SCHED_BATCH)
raise SystemExit(1)
"""
    with pytest.raises(BadBundle, match="19 1 True"):
        trial(code)(BUNDLE)
