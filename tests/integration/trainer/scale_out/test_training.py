"""A training over a cluster gives the version that it gives in one process, whatever becomes of the workers."""

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from distributed import Client

from hotshelf_store import open_store
from hotshelf_trainer.errors import ClusterError, RecipeError
from hotshelf_trainer.outcome import JSON_FILE, REPORT_FILE
from hotshelf_trainer.progress import Progress, Share, Silent
from hotshelf_trainer.run import Run
from hotshelf_trainer.tabular.pipeline import train
from tests.unit.trainer.tabular.tables import NO_DIAGNOSIS, recipe_of, table

SEARCH = {
    "trials": 5,
    "parallel": 2,
    "space": {"num_leaves": {"low": 2, "high": 15, "whole": True}, "learning_rate": {"low": 0.02, "high": 0.5}},
}


class Killer:
    """Kills one of the cluster's workers when the search is under way."""

    def __init__(self, scheduler: str) -> None:
        self.scheduler = scheduler
        self.killed = 0

    @contextmanager
    def stage(self, title: str) -> Iterator[Share]:
        def share(done: float) -> None:
            if title.startswith("Searching") and not self.killed:
                with Client(self.scheduler, set_as_default=False) as client:
                    self.killed = next(iter(client.run(os.getpid).values()))
                os.kill(self.killed, signal.SIGKILL)

        yield share

    def say(self, text: str) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Trained:
    """What is to be the same wherever it was computed."""

    files: Mapping[str, str]
    """The sha256 of each by its path, but for those that tell how long things took."""
    findings: Sequence[str]
    """All that the curves, the nested search and the bootstrap tell."""


def trained(folder: Path, progress: Progress, dask: str | None, **said: Any) -> Trained:
    (folder / "store").mkdir(exist_ok=True)
    table(300).write_parquet(folder / "table.parquet")
    recipe = recipe_of("classification", data={"path": str(folder / "table.parquet")}, threads=1, **said)
    store = open_store(folder / "store")
    outcome = train(recipe, store, f"over-{bool(dask)}", progress, Run(dask=dask))
    manifest = store.manifest(outcome.published.model, outcome.published.version)
    timed = (REPORT_FILE, JSON_FILE)
    files = {file.path: file.sha256 for file in manifest.files if file.path not in timed}
    return Trained(files, outcome.findings)


@pytest.mark.parametrize("estimator", ["lightgbm", "LogisticRegression"])
def test_files_and_findings_are_the_same_to_the_byte(scheduler: str, tmp_path: Path, estimator: str) -> None:
    said: dict[str, Any] = {"diagnosis": {"shuffles": 0}, "estimator": {"name": estimator}}
    here = trained(tmp_path, Silent(), None, **said)
    assert trained(tmp_path, Silent(), scheduler, **said) == here


def test_a_worker_that_is_killed_in_the_middle_changes_nothing(scheduler: str, tmp_path: Path) -> None:
    said: dict[str, Any] = {"diagnosis": NO_DIAGNOSIS | {"capacity_curve": True}, "search": SEARCH}
    here = trained(tmp_path, Silent(), None, **said)
    killer = Killer(scheduler)
    assert trained(tmp_path, killer, scheduler, **said) == here
    assert killer.killed


def test_parameters_that_a_worker_refuses_are_told_as_in_one_process(scheduler: str, tmp_path: Path) -> None:
    estimator = {"name": "LogisticRegression", "parameters": {"C": -1.0}}
    with pytest.raises(RecipeError, match="estimator LogisticRegression refuses what it was given"):
        trained(tmp_path, Silent(), scheduler, estimator=estimator)


def test_a_scheduler_that_cannot_be_reached_stops_the_training_before_it_reads(tmp_path: Path) -> None:
    recipe = recipe_of("classification", data={"path": str(tmp_path / "absent.parquet")})
    (tmp_path / "store").mkdir()
    with pytest.raises(ClusterError, match="expected tcp://HOST:PORT"):
        train(recipe, open_store(tmp_path / "store"), "made", Silent(), Run(dask="nowhere:1:2"))
