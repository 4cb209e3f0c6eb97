"""The real worker: a small training in a process of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotshelf_store import open_store
from hotshelf_trainer.jobs.said import GaveUp, Published, Said, said_in
from hotshelf_trainer.jobs.serving import WORKER
from hotshelf_trainer.jobs.training import LogLine, Spec, StageProgress
from hotshelf_trainer.jobs.worker import Task
from hotshelf_trainer.recipes import text_of
from tests.unit.trainer.recommendation.purchases import generated_file, small_recipe

WAIT = 60.0


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    (tmp_path / "tmp").mkdir()
    return tmp_path / "store"


@pytest.fixture
def process(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    pipe = subprocess.PIPE
    with subprocess.Popen(WORKER, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, process_group=0) as process:
        yield process
        process.kill()


def task(store: Path, *overrides: str) -> bytes:
    recipe = text_of(small_recipe(Path(generated_file().name)))
    made = Task(Spec(recipe, overrides, author="ann"), "shop", str(store), str(generated_file().parent))
    return made.to_json().encode() + b"\n"


def give(process: "subprocess.Popen[bytes]", line: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(line)
    process.stdin.flush()


def heard(process: "subprocess.Popen[bytes]") -> list[Said]:
    assert process.stdout is not None
    return [said_in(line) for line in process.stdout]


def begun(process: "subprocess.Popen[bytes]") -> None:
    """Wait until it is at work."""
    assert process.stdout is not None
    assert isinstance(said_in(process.stdout.readline()), StageProgress)


def test_a_training_is_told_stage_by_stage_and_publishes(process: "subprocess.Popen[bytes]", store: Path) -> None:
    give(process, task(store))
    told = heard(process)
    assert process.wait(WAIT) == 0
    assert isinstance(told[-1], Published)
    assert (told[-1].version, told[-1].passed) == (1, True)
    assert open_store(store).manifest("shop", 1).author == "ann"
    assert {type(one) for one in told[:-1]} == {StageProgress, LogLine}


def test_a_mistake_is_told_in_one_message(process: "subprocess.Popen[bytes]", store: Path) -> None:
    give(process, task(store, "data.columns.customer=client"))
    told = heard(process)
    assert process.wait(WAIT) == 2
    assert isinstance(told[-1], GaveUp)
    assert told[-1].mistake
    assert "no column 'client'" in told[-1].message


def test_sigterm_ends_it_and_leaves_no_version(process: "subprocess.Popen[bytes]", store: Path) -> None:
    give(process, task(store))
    begun(process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(WAIT) == -signal.SIGTERM
    assert open_store(store).models() == []


def test_it_ends_when_whoever_gave_the_task_has_ended(process: "subprocess.Popen[bytes]", store: Path) -> None:
    give(process, task(store))
    begun(process)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(WAIT) == -signal.SIGKILL
    assert open_store(store).models() == []


def test_without_a_task_it_says_what_it_expected() -> None:
    done = subprocess.run(WORKER, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=WAIT)
    assert done.returncode != 0
    assert "expected a task on standard input" in done.stderr


def test_tasks_come_back_from_their_line() -> None:
    one = Task(Spec("a: ü", ("b=1",), until="x"), "m", "s", "d")
    assert Task.from_json(json.dumps(json.loads(one.to_json()))) == one
    assert "\n" not in one.to_json()
    assert sys.executable == WORKER[0]
