"""``hotshelf trainings`` and ``hotshelf trainer`` tell by exit status and words what became of it."""

import argparse
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hotshelf_client.schedules_command import Schedules
from hotshelf_client.trainings import TrainingClient
from hotshelf_client.trainings_command import Trainings
from hotshelf_trainer.jobs.command import Trainer
from tests.integration.trainer.jobs.conftest import RECIPE, Serve, start

CODE = (
    "import sys, argparse; from hotshelf_client.trainings_command import Trainings; "
    "parser = argparse.ArgumentParser(); Trainings().configure(parser); "
    "sys.exit(Trainings().run(parser.parse_args()))"
)


@pytest.fixture
def address(serve: Serve) -> str:
    return f"localhost:{serve().port}"


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    return tmp_path / "recipe.yaml"


def run(command: Trainings | Schedules | Trainer, *words: object) -> int:
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args([str(word) for word in words]))


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("succeed", (0, "succeeded: version 7")),
        ("refuse", (3, "refused: version 7")),
        ("idle", (0, "not_needed: champion version 3 is young")),
        ("fail", (2, "failed: MISTAKE: no such column")),
    ],
)
def test_the_exit_status_tells_how_the_training_ended(
    address: str, recipe: Path, capsys: pytest.CaptureFixture[str], what: str, expected: tuple[int, str]
) -> None:
    status, words = expected
    assert run(Trainings(), "start", recipe, "--server", address, "--set", f"name={what}") == status
    seen = capsys.readouterr().err
    for part in ("queued", "running", "  Reading 0.5 s", f"model {what}", words):
        assert part in seen
    assert run(Trainings(), "watch", 1, "--server", address) == status


def test_an_occasion_reaches_the_worker(address: str, recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    occasion = ("--if-older-days", 7, "--if-drift", 0.25)
    assert run(Trainings(), "start", recipe, "--server", address, "--set", "name=idle", *occasion) == 0
    assert '{"drift_above": 0.25, "older_than_seconds": 604800.0}' in "".join(capsys.readouterr().err.splitlines())


def test_a_schedule_is_made_listed_and_deleted(address: str, recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    when = ("--cron", "30 4 * * *", "--if-older-days", 7, "--if-drift", 0.25, "--name", "shop")
    assert run(Schedules(), "create", recipe, "--server", address, *when) == 0
    number = capsys.readouterr().out.strip()
    assert run(Schedules(), "list", "--server", address, "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["id"], found["model"], found["cron"], found["last_training"]) == (
        int(number),
        "shop",
        "30 4 * * *",
        None,
    )
    assert run(Schedules(), "list", "--server", address) == 0
    assert "30 4 * * *" in capsys.readouterr().out
    assert run(Schedules(), "delete", number, "--server", address) == 0
    assert run(Schedules(), "delete", number, "--server", address) == 1
    assert run(Schedules(), "create", recipe, "--server", address, "--cron", "daily") == 2
    assert "hotshelf: " in capsys.readouterr().err


def test_a_cancelled_training_exits_with_1(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    with TrainingClient(address) as client:
        first, second = start(client, "wait"), start(client)
    assert run(Trainings(), "cancel", second, "--server", address) == 0
    assert f"training {second} is cancelled" in capsys.readouterr().out
    assert run(Trainings(), "watch", second, "--server", address) == 1
    assert run(Trainings(), "cancel", first, "--server", address) == 0


def test_a_list_is_a_table_or_json(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    with TrainingClient(address) as client:
        number = start(client, model="shop")
        list(client.watch(number))
    assert run(Trainings(), "list", "--server", address) == 0
    assert "succeeded" in capsys.readouterr().out
    assert run(Trainings(), "list", "--server", address, "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["id"], found["model"], found["version"]) == (number, "shop", 7)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("start", "absent.yaml"), 2),
        (("list", "--state", "done"), 2),
        (("watch", "9"), 1),
        (("watch", "-1"), 2),
        (("start", "{recipe}", "--set", "name=../x"), 2),
    ],
)
def test_a_mistake_is_one_line_without_a_traceback(
    address: str, recipe: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], status: int
) -> None:
    assert run(Trainings(), *(word.format(recipe=recipe) for word in words), "--server", address) == status
    assert "hotshelf: " in capsys.readouterr().err


def test_a_trainer_that_does_not_answer_is_to_be_tried_later(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Trainings(), "list", "--server", "localhost:1", "--timeout", "0.5") == 3
    assert "hotshelf: " in capsys.readouterr().err


def test_ctrl_c_leaves_the_training_running_and_says_how_to_go_on(address: str) -> None:
    with TrainingClient(address) as client:
        number = start(client, "wait")
        command = [sys.executable, "-c", CODE, "watch", str(number), "--server", address]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            for line in process.stderr:
                if "model wait" in line:
                    break
            process.send_signal(signal.SIGINT)
            said = process.stderr.read()
            assert process.wait(30) == 130
        assert f"`hotshelf trainings watch {number} --server {address}`" in said.replace("\n", " ")
        assert f"`hotshelf trainings cancel {number} --server {address}`" in said.replace("\n", " ")
        assert client.get(number).state == "running"
        client.cancel(number)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"--data-root": "absent"}, "--data-root"),
        ({"--store": "absent"}, "absent"),
        ({"--database": "mysql://x/y"}, "expected sqlite:///FILE"),
    ],
)
def test_a_trainer_that_cannot_serve_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, str], message: str
) -> None:
    options = {"--store": str(tmp_path), "--data-root": str(tmp_path), "--work-dir": str(tmp_path / "work")}
    given = [f"{name}={value}" for name, value in {**options, **changes}.items()]
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        assert run(Trainer(), "serve", "--port=0", *given) == 2
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert message in capsys.readouterr().err
