"""What becomes of a worker: it ends by itself, or it is ended with all that it started."""

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hotshelf_trainer.jobs.attempt import Terms, Wish, attempt
from hotshelf_trainer.jobs.training import (
    End,
    Happening,
    Limits,
    LogLine,
    Reason,
    StageProgress,
    State,
)
from tests.unit.trainer.jobs.workers import FOREVER, STUBBORN, worker

PLENTY = Limits(60.0, 1 << 40)
SOON = 0.05
linux = pytest.mark.skipif(sys.platform != "linux", reason="the memory of a group is read from /proc")


class Run:
    """Runs workers, and notes what they say."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.told: list[Happening] = []

    def __call__(
        self,
        code: str,
        limits: Limits = PLENTY,
        wish: Callable[[], Wish] = lambda: Wish.GO_ON,
        grace_seconds: float = 30.0,
    ) -> End | None:
        terms = Terms(worker(code), self.scratch, grace_seconds, SOON)
        return attempt('{"a": "task"}', limits, terms, self.told.append, wish)

    @property
    def lines(self) -> list[str]:
        return [one.text for one in self.told if isinstance(one, LogLine)]

    def once_begun(self, wish: Wish) -> Callable[[], Wish]:
        """Wishes that as soon as the worker has said something."""
        return lambda: wish if self.told else Wish.GO_ON


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def gone(process: int) -> bool:
    """Whether it has ended, or does in a moment: a signal takes until its process has the processor."""
    end = time.monotonic() + 20
    while (state := state_of(process)) not in ("", "Z") and time.monotonic() < end:
        time.sleep(0.02)
    return state in ("", "Z")


def state_of(process: int) -> str:
    """The letter of the kernel: Z for one that ended and that nobody waited for yet; empty for none."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


def test_a_version_that_passed_succeeds(run: Run) -> None:
    assert run("published()") == End(State.SUCCEEDED, detail="version 7", version=7)


def test_a_version_that_the_gate_refused_is_refused(run: Run) -> None:
    assert run("published(passed=False)") == End(State.REFUSED, detail="version 7", version=7)


def test_progress_and_lines_arrive_in_order(run: Run) -> None:
    run(
        """
        say("stage", title="Reading", share=0.5, over=False, seconds=1.0)
        say("log", text=task.strip())
        print("a library's own words")
        published()
        """
    )
    assert run.told == [
        StageProgress("Reading", 0.5, over=False, seconds=1.0),
        LogLine('{"a": "task"}'),
        LogLine("a library's own words"),
    ]


def test_a_mistake_is_told_without_a_traceback(run: Run) -> None:
    end = run("say('gave_up', message='no such column', mistake=True); sys.exit('words')")
    assert end == End(State.FAILED, Reason.MISTAKE, "no such column")


def test_a_fault_is_told_with_the_end_of_standard_error(run: Run) -> None:
    end = run("say('gave_up', message='KeyError', mistake=False); sys.exit('x' * 100_000 + 'the end')")
    assert end is not None
    assert (end.reason, end.detail) == (Reason.FAULT, "KeyError")
    assert end.last_words.endswith("xthe end")
    assert len(end.last_words) < 20_000


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", r"by signal 9 \(SIGKILL\)"),
        ("os._exit(3)", "with exit status 3"),
        ("pass", "with exit status 0"),
    ],
)
def test_a_worker_that_dies_without_a_word_fails_and_says_how(run: Run, code: str, how: str) -> None:
    end = run(code)
    assert end is not None
    assert (end.state, end.reason) == (State.FAILED, Reason.WORKER_DIED)
    assert end.detail.startswith("its process ended")
    assert re.search(how, end.detail)


def test_a_worker_that_says_more_than_a_pipe_holds_and_no_line_end_is_heard_to_its_end(run: Run) -> None:
    run("os.write(1, b'a' * 300_000 + b'\\n' + b'b' * 10); published")
    assert run.lines[-1] == "b" * 10
    assert all(len(line) <= 2_000 for line in run.lines)


def test_a_cancelled_worker_ends(run: Run) -> None:
    assert run(FOREVER, wish=run.once_begun(Wish.CANCEL)) == End(State.CANCELLED, detail="while it ran")


def test_a_worker_that_does_not_hear_sigterm_is_killed_after_the_grace(run: Run) -> None:
    end = run(STUBBORN, wish=run.once_begun(Wish.CANCEL), grace_seconds=SOON)
    assert end == End(State.CANCELLED, detail="while it ran")


def test_a_version_that_was_published_before_the_cancellation_stays(run: Run) -> None:
    code = "say('log', text='begun')\ntry:\n  while True: time.sleep(0.01)\nfinally: published()"
    code = f"signal.signal(signal.SIGTERM, lambda *_: sys.exit())\n{code}"
    end = run(code, wish=run.once_begun(Wish.CANCEL))
    assert end == End(State.SUCCEEDED, detail="version 7", version=7)


def test_a_worker_that_is_given_up_has_no_end_of_its_own(run: Run) -> None:
    assert run(FOREVER, wish=run.once_begun(Wish.GIVE_UP)) is None


def test_a_worker_that_runs_too_long_fails_by_its_limit(run: Run) -> None:
    end = run(FOREVER, Limits(0.2, 1 << 40))
    assert end == End(State.FAILED, Reason.TIME_LIMIT, "it ran longer than its limit of 0.2 seconds")


@linux
def test_a_group_that_holds_too_much_memory_fails_by_its_limit(run: Run) -> None:
    code = """
    child = "b = bytearray(120 << 20); import time; time.sleep(60)"
    subprocess.run([sys.executable, "-S", "-c", child])
    """
    end = run(code, Limits(60.0, 100 << 20))
    assert end is not None
    assert end.reason is Reason.MEMORY_LIMIT
    assert "more than its limit of 104,857,600" in end.detail


@linux
def test_no_process_can_reserve_far_more_than_its_limit_at_once(run: Run) -> None:
    end = run("bytearray(4 << 30)", Limits(60.0, 100 << 20))
    assert end is not None
    assert "MemoryError" in end.last_words


def test_what_a_worker_started_ends_with_it(run: Run) -> None:
    run(
        """
        child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
        say("log", text=str(child.pid))
        published()
        """
    )
    assert gone(int(run.lines[0]))


def test_temporary_files_go_also_when_the_worker_was_killed(run: Run) -> None:
    code = f"import tempfile\ntempfile.mkdtemp()\nopen(os.environ['TMPDIR'] + '/half', 'w').write('x')\n{STUBBORN}"
    seen: list[int] = []

    def cancel() -> Wish:
        seen.append(len(list(run.scratch.rglob("*"))))
        return run.once_begun(Wish.CANCEL)()

    run(code, wish=cancel, grace_seconds=SOON)
    assert max(seen) >= 2
    assert list(run.scratch.iterdir()) == []


def test_a_worker_is_out_of_reach_of_the_terminals_ctrl_c(run: Run) -> None:
    run("say('log', text=str(os.getpgrp() == os.getpid())); published()")
    assert run.lines == ["True"]
