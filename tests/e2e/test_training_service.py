"""`hotshelf trainer serve` as its own process, and a real training through it, watched to its end."""

import argparse
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from hotshelf_client.trainings import TrainingClient
from hotshelf_client.trainings_command import Trainings
from hotshelf_store import CHAMPION, lead, open_store
from hotshelf_trainer.command import Train
from hotshelf_trainer.recipes import text_of
from hotshelf_trainer.remote import GROUP, train_remotely
from tests.unit.trainer.recommendation.purchases import generated_file, small_recipe

CODE = (
    "import sys, argparse; from hotshelf_trainer.jobs.command import Trainer; parser = argparse.ArgumentParser(); "
    "Trainer().configure(parser); sys.exit(Trainer().run(parser.parse_args()))"
)
REMOTE = EntryPoint("trainings", "hotshelf_client.trainings_command:Trainings", GROUP)


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(text_of(small_recipe()))
    return path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a trainer."""
    (tmp_path / "store").mkdir()
    places = {"store": tmp_path / "store", "data-root": generated_file().parent, "work-dir": tmp_path / "work"}
    options = [f"--{name}={place}" for name, place in places.items()]
    command = [sys.executable, "-c", CODE, "serve", "--port=0", "--drain-seconds=0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = iter(process.stderr)
        port = next(found[1] for line in lines if (found := re.search(r"listening on port (\d+)", line)))
        yield f"localhost:{port}"
        process.send_signal(signal.SIGTERM)
        rest = "".join(lines)
        assert process.wait(60) == 0, rest
        assert "Traceback" not in rest


def train(recipe: Path, server: str, *more: str) -> int:
    parser = argparse.ArgumentParser()
    Train().configure(parser)
    return train_remotely(parser.parse_args([str(recipe), f"--remote={server}", *more]), [REMOTE])


def trainings(server: str, command: str, *words: str) -> int:
    parser = argparse.ArgumentParser()
    Trainings().configure(parser)
    return Trainings().run(parser.parse_args([command, f"--server={server}", *words]))


def test_a_training_elsewhere_is_seen_as_one_here_and_publishes(
    recipe: Path, server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = f"--data={generated_file().name}"
    assert train(recipe, server, data, "--name=shop", "--author=ann") == 0
    seen = capsys.readouterr().err
    for part in ("queued", "running", "Evaluating", "Publishing", "passed", "succeeded: version 1"):
        assert part in seen
    store = open_store(tmp_path / "store")
    assert (store.manifest("shop", 1).author, lead(store.aliases("shop"), CHAMPION)) == ("ann", 1)

    assert train(recipe, server, data, "--name=shop", "--set=gate.coverage=1.0") == 3
    assert "refused: version 2" in capsys.readouterr().err
    assert train(recipe, server, "--data=absent.csv") == 2
    assert "failed: MISTAKE" in capsys.readouterr().err
    assert train(recipe, server, "--data=/etc/passwd") == 2
    assert "outside of this trainer's data root" in capsys.readouterr().err

    assert trainings(server, "list") == 0
    listed = capsys.readouterr().out
    for part in ("succeeded", "refused", "failed", "absent.csv: no such file"):
        assert part in listed
    assert trainings(server, "watch", "2") == 3
    assert trainings(server, "watch", "9") == 1


def test_a_training_that_is_cancelled_in_the_middle_publishes_nothing(
    recipe: Path, server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trainings(server, "start", str(recipe), f"--data={generated_file().name}", "--detach") == 0
    number = capsys.readouterr().out.strip()
    with TrainingClient(server) as client:
        watching = client.watch(int(number))
        next(event for event in watching if event.sequence >= 4)
        assert trainings(server, "cancel", number) == 0
        assert "will end soon" in capsys.readouterr().out
        list(watching)
        assert client.get(int(number)).state == "cancelled"
    assert open_store(tmp_path / "store").models() == []
    assert list((tmp_path / "work" / "scratch").iterdir()) == []
    assert trainings(server, "watch", number) == 1
