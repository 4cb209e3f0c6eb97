"""A trainer that stops or dies leaves its trainings as they should be found."""

import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from hotshelf_client.training_answers import Line, StateChange
from hotshelf_client.trainings import TrainingClient
from hotshelf_trainer.jobs.errors import DatabaseUnavailable, PortTaken
from hotshelf_trainer.jobs.serving import Settings, trainer
from tests.integration.conftest import wait_until
from tests.integration.trainer.jobs.conftest import start

# Serves until it is killed; tells its port first.
SERVE = """
import dataclasses, sys
from pathlib import Path
from hotshelf_trainer.jobs.serving import Settings, trainer
from tests.integration.trainer.jobs.conftest import OBEYS
from tests.unit.trainer.jobs.workers import worker
root = Path(sys.argv[1])
settings = Settings(root / "store", root / "data", root / "work", host="localhost", worker=worker(OBEYS))
with trainer(settings) as serving:
    print(serving.port, flush=True)
    sys.stdin.read()
"""


def states(client: TrainingClient, training: int) -> list[str]:
    return [event.what.state for event in client.watch(training) if isinstance(event.what, StateChange)]


def test_a_stop_gives_up_what_runs_too_long_and_leaves_what_waits(settings: Settings) -> None:
    with trainer(settings) as first, TrainingClient(f"localhost:{first.port}", timeout=20) as client:
        running, waiting = start(client, "wait"), start(client)
        wait_until(lambda: client.get(running).state == "running")
    with trainer(settings) as second, TrainingClient(f"localhost:{second.port}", timeout=20) as client:
        assert states(client, running) == ["queued", "running", "lost"]
        assert client.get(running).detail == "the trainer stopped while it ran"
        assert states(client, waiting) == ["queued", "running", "succeeded"]


def test_a_stop_lets_a_training_end_in_the_drain_time(settings: Settings, tmp_path: Path) -> None:
    go_on = tmp_path / "go on"
    patient = replace(settings, drain_seconds=60.0)
    with trainer(patient) as first, TrainingClient(f"localhost:{first.port}", timeout=20) as client:
        running = start(client, "lose", author=str(go_on))
        wait_until(lambda: client.get(running).state == "running")
        threading.Timer(0.2, go_on.touch).start()
    with trainer(settings) as second, TrainingClient(f"localhost:{second.port}", timeout=20) as client:
        assert client.get(running).state == "succeeded"


def test_what_ran_under_a_trainer_that_was_killed_is_found_lost(settings: Settings) -> None:
    command = [sys.executable, "-c", SERVE, str(settings.store.parent)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        with TrainingClient(f"localhost:{process.stdout.readline().strip()}", timeout=20) as client:
            lost, waiting = start(client, "wait"), start(client)
            wait_until(lambda: client.get(lost).state == "running")
        process.send_signal(signal.SIGKILL)
    with trainer(settings) as second, TrainingClient(f"localhost:{second.port}", timeout=20) as client:
        assert states(client, lost) == ["queued", "running", "lost"]
        assert client.get(lost).detail == "the trainer ended while it ran"
        assert states(client, waiting) == ["queued", "running", "succeeded"]


def test_a_lost_training_that_asked_for_it_is_begun_anew_and_watched_as_one(settings: Settings, tmp_path: Path) -> None:
    go_on = tmp_path / "go on"
    with trainer(settings) as first, TrainingClient(f"localhost:{first.port}", timeout=20) as client:
        training = start(client, "lose", author=str(go_on), restart_if_lost=True)
        wait_until(lambda: client.get(training).state == "running")
    go_on.touch()
    with trainer(settings) as second, TrainingClient(f"localhost:{second.port}", timeout=20) as client:
        assert states(client, training) == ["queued", "running", "lost", "queued", "running", "succeeded"]
        assert client.get(training).attempt == 2


def test_a_training_that_is_begun_anew_goes_on_with_its_search(settings: Settings) -> None:
    with trainer(settings) as first, TrainingClient(f"localhost:{first.port}", timeout=20) as client:
        training = start(client, "resume", restart_if_lost=True)
        wait_until(lambda: list((settings.work_dir / "studies").iterdir()))
    with trainer(settings) as second, TrainingClient(f"localhost:{second.port}", timeout=20) as client:
        said = [event.what.text for event in client.watch(training) if isinstance(event.what, Line)]
    assert [line for line in said if not line.startswith("model")] == ["begins", "goes on"]
    assert not list((settings.work_dir / "studies").iterdir()), "what has ended needs its search no more"


def rest(_seconds: float) -> None:
    """Sleep, but not for so long."""
    time.sleep(0.05)


def test_a_watcher_goes_on_when_the_trainer_is_back(settings: Settings) -> None:
    with trainer(settings) as first:
        port = first.port
        client = TrainingClient(f"localhost:{port}", timeout=20, sleep=rest)
        training = start(client, "wait")
        watching = client.watch(training)
        assert [next(watching).sequence for _ in range(4)] == [1, 2, 3, 4]
    with trainer(replace(settings, port=port)), client:
        after = list(watching)
    assert [event.sequence for event in after] == [5]
    assert after[0].what == StateChange("lost", "", "the trainer stopped while it ran", 1)


def test_leftovers_of_a_dead_trainers_attempts_are_removed(settings: Settings) -> None:
    left = settings.work_dir / "scratch" / "attempt-x"
    left.mkdir(parents=True)
    with trainer(settings):
        assert not left.exists()


def test_a_work_directory_has_one_trainer_at_a_time(settings: Settings, tmp_path: Path) -> None:
    other = replace(settings, database=f"sqlite:///{tmp_path / 'other.sqlite'}")
    with trainer(settings), pytest.raises(DatabaseUnavailable, match="another trainer works there"), trainer(other):
        pass


def test_a_taken_port_is_refused(settings: Settings, tmp_path: Path) -> None:
    with trainer(settings) as first:
        other = replace(settings, work_dir=tmp_path / "other", port=first.port)
        with pytest.raises(PortTaken, match="the port is taken"), trainer(other):
            pass
