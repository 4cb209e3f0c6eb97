"""What a cluster answers for lists of fits, whatever becomes of its workers."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from distributed import Client, LocalCluster

from hotshelf_trainer.diagnosis.fan_out import HERE, Answers
from hotshelf_trainer.errors import ClusterError, RecipeError
from hotshelf_trainer.scale_out.cluster import AHEAD, connected
from tests.integration.trainer.scale_out.learners import Deadly, Mean, Refusing, Slow, fits_of

ROWS = 200
TRUTH = np.random.default_rng(0).normal(size=ROWS)


def assert_same(found: list[Answers], expected: list[Answers]) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert [part.tobytes() for part in one] == [part.tobytes() for part in other]


def wait_until_idle(scheduler: str) -> None:
    """Until no worker has a task, running or to be run."""
    deadline = time.monotonic() + 20
    with Client(scheduler, set_as_default=False) as client:
        while any(client.call_stack().values()) or any(client.processing().values()):
            assert time.monotonic() < deadline, "the cluster is still at it"
            time.sleep(0.1)


def test_answers_come_in_the_order_of_the_fits_and_are_those_of_this_process(scheduler: str) -> None:
    shares: list[float] = []
    with connected(scheduler, threads=1) as cluster:
        found = cluster.answers(Mean(TRUTH), fits_of(12, ROWS), shares.append)
    assert_same(found, HERE.answers(Mean(TRUTH), fits_of(12, ROWS)))
    assert shares == [done / 12 for done in range(1, 13)]


def test_a_fit_whose_worker_dies_is_done_by_another(scheduler: str, tmp_path: Path) -> None:
    with connected(scheduler, threads=1) as cluster:
        found = cluster.answers(Deadly(TRUTH, folder=tmp_path), fits_of(6, ROWS))
    assert_same(found, HERE.answers(Mean(TRUTH), fits_of(6, ROWS)))
    assert len(list(tmp_path.iterdir())) == 1


def test_workers_that_all_die_with_the_data_are_sent_it_again(doomed: str, tmp_path: Path) -> None:
    with connected(doomed, threads=1) as cluster:
        found = cluster.answers(Deadly(TRUTH, folder=tmp_path, deaths=2), fits_of(6, ROWS))
    assert_same(found, HERE.answers(Mean(TRUTH), fits_of(6, ROWS)))
    assert len(list(tmp_path.iterdir())) == 2


def test_a_fit_that_kills_every_worker_is_given_up_in_words(doomed: str, tmp_path: Path) -> None:
    with connected(doomed, threads=1) as cluster, pytest.raises(ClusterError, match="workers"):
        cluster.answers(Deadly(TRUTH, folder=tmp_path, deaths=1000), fits_of(1, ROWS))


def test_the_trainings_own_error_comes_back_as_it_is_and_is_tried_once(scheduler: str, tmp_path: Path) -> None:
    learner = Refusing(TRUTH, folder=tmp_path)
    with connected(scheduler, threads=1) as cluster, pytest.raises(RecipeError, match=r"^estimator\.parameters\.bad"):
        cluster.answers(learner, fits_of(1, ROWS, bad=True))
    assert len(list(tmp_path.iterdir())) == 1


def test_what_waits_on_the_cluster_is_never_begun_after_an_interruption(scheduler: str, tmp_path: Path) -> None:
    def interrupt(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), connected(scheduler, threads=1) as cluster:
        cluster.answers(Slow(TRUTH, folder=tmp_path), fits_of(AHEAD * 2, ROWS), interrupt)
    wait_until_idle(scheduler)
    assert len(list(tmp_path.iterdir())) < AHEAD * 2, "two were running; the last one waited"


ENDED = """
import sys
from pathlib import Path
import numpy as np
from hotshelf_trainer.scale_out.cluster import connected
from tests.integration.trainer.scale_out.learners import Slow, fits_of
with connected(sys.argv[1], threads=1) as cluster:
    cluster.answers(Slow(np.zeros(9), 5.0, Path(sys.argv[2])), fits_of(20, 9))
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_what_waits_is_never_begun_after_the_training_was_ended(scheduler: str, tmp_path: Path, how: int) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    training = subprocess.Popen([sys.executable, "-c", ENDED, scheduler, str(tmp_path)], env=environment)
    deadline = time.monotonic() + 30
    while len(list(tmp_path.iterdir())) < 3:
        assert time.monotonic() < deadline, "it has not begun"
        time.sleep(0.05)
    training.send_signal(how)
    assert training.wait(10) == -how
    wait_until_idle(scheduler)
    assert len(list(tmp_path.iterdir())) == 3, "one was done, two were running"


def test_a_scheduler_without_workers_is_told_apart() -> None:
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=":0", silence_logs=50) as empty,
        pytest.raises(ClusterError, match="has no worker; start some with `dask worker"),
        connected(empty.scheduler_address, threads=1, patience=1),
    ):
        pass


def test_a_scheduler_that_cannot_be_reached_is_named() -> None:
    with (
        pytest.raises(ClusterError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9 "),
        connected("tcp://127.0.0.1:9", threads=1, patience=1),
    ):
        pass
