"""Fits over the workers of a Dask cluster.

The learner, with its examples, goes once to every worker; a task is the positions of rows. A worker that dies takes its
tasks with it, and Dask does them again elsewhere; where the last copy of the learner died too, it is sent again.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import uuid4

import dask
import lightgbm
from distributed import Client, Future, KilledWorker, as_completed
from threadpoolctl import threadpool_limits

from hotshelf_trainer.diagnosis.fan_out import Answers, Fit, answer
from hotshelf_trainer.diagnosis.sample import Learner
from hotshelf_trainer.errors import ClusterError, TrainingError
from hotshelf_trainer.scale_out.versions import LIBRARIES, differences

ANSWERS_WITHIN = 15
"""Seconds that a scheduler has to answer, and to show a worker."""
REPLACED_WITHIN = 60
"""Seconds that the cluster has to put another worker in the place of one that died."""
AHEAD = 2
"""Tasks in flight for each thread of the cluster, so that none waits for us, and row positions don't pile up."""
MAX_SENT = 5
"""Times that the learner is sent within one call: workers that always die with it will go on to."""
OTHER_FAULTS = 2
"""Times that a fit is done again after an error that isn't the training's own: a worker out of memory or disk."""


@contextmanager
def connected(address: str, threads: int, patience: float = ANSWERS_WITHIN) -> Iterator["Cluster"]:
    """The cluster of a scheduler that answers within ``patience`` seconds, proved fit for use.

    Raises ``ClusterError`` where nobody answers, no worker is there, or a worker has other libraries.
    """
    try:
        client = Client(address, timeout=patience, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {address} within {patience:g} s; expected tcp://HOST:PORT: {error}"
        ) from error
    with client:
        _require_workers(client, address, patience)
        yield Cluster(client, threads)


def _require_workers(client: Client, address: str, patience: float) -> None:
    try:
        client.wait_for_workers(1, timeout=patience)
    except TimeoutError as error:
        raise ClusterError(
            f"the Dask scheduler at {address} has no worker; start some with `dask worker {address}`"
        ) from error
    found: Any = client.get_versions(check=False, packages=list(LIBRARIES))
    workers = {worker: each["packages"] for worker, each in found["workers"].items()}
    if unequal := differences(found["client"]["packages"], workers):
        raise ClusterError(
            "the cluster's workers compute otherwise than this process; expected the same versions:\n  "
            + "\n  ".join(unequal)
        )


@dataclass(frozen=True, slots=True)
class Refused:
    """The training's own error as a value. One that is raised makes Dask try again, and it would be the same."""

    error: TrainingError


def fitted_there(learner: Learner, fit: Fit, threads: int) -> Answers | Refused:
    """On a worker: a fit with as many threads as it would have here."""
    # A joint fit that another worker's death ended leaves LightGBM waiting for the dead, in this thread for good.
    lightgbm.Booster.__new__(lightgbm.Booster).free_network()
    with threadpool_limits(threads):
        try:
            return answer(learner, fit)
        except TrainingError as error:
            return Refused(error)


class Cluster:
    """A `FanOut` over the workers of a scheduler. For one thread."""

    def __init__(self, client: Client, threads: int) -> None:
        """``threads``: of each fit."""
        self.client = client
        self.threads = threads
        self._sent: tuple[Learner, Future[Any]] | None = None

    def answers(
        self, learner: Learner, fits: Sequence[Fit], tell: Callable[[float], None] = lambda _: None
    ) -> list[Answers]:
        """Of each fit, in the order of the fits.

        Raises what the learner raises, and ``ClusterError`` where workers die again and again or the scheduler is lost.
        """
        found: dict[int, Answers] = {}
        for _ in range(MAX_SENT):
            missing = {place: fit for place, fit in enumerate(fits) if place not in found}
            try:
                with closing(self._done(learner, missing)) as done:
                    for place, answers in done:
                        found[place] = answers
                        tell(len(found) / len(fits))
            except CancelledError:
                # The workers that had the learner are gone, all of them at once.
                self._sent = None
                if self.client.status != "running":
                    raise ClusterError("the Dask scheduler was lost in the middle of the training") from None
            else:
                return [found[place] for place in range(len(fits))]
        raise ClusterError(f"all workers died with the data, {MAX_SENT} times; expected workers with more memory")

    def workers_for_a_joint_fit(self) -> int:
        """How many there are. Raises ``ClusterError`` where one would fit alone."""
        self.require_workers(2)
        return len(self.client.nthreads())

    def require_workers(self, least: int) -> list[str]:
        """The addresses of so many workers; where some died, others are waited for. Raises ``ClusterError``."""
        try:
            self.client.wait_for_workers(least, timeout=REPLACED_WITHIN)
        except TimeoutError as error:
            raise ClusterError(
                f"the cluster has {len(self.client.nthreads())} workers and got no more within {REPLACED_WITHIN} s; "
                f"expected {least}"
            ) from error
        return sorted(self.client.nthreads())[:least]

    def _done(self, learner: Learner, fits: Mapping[int, Fit]) -> Generator[tuple[int, Answers], None, None]:
        """As they are done. Leaves nothing on the cluster."""
        waiting, running = iter(fits.items()), dict[Future[Any], int]()
        most = AHEAD * max(1, sum(self.client.nthreads().values()))
        try:
            there = self._scattered(learner)
            done = as_completed(self._begin(there, waiting, running, most), loop=self.client.loop)
            for future in done:
                place = running.pop(future)
                yield place, _answers(future)
                for another in self._begin(there, waiting, running, 1):
                    done.add(another)
        finally:
            self.client.cancel(list(running), force=True)

    def _scattered(self, learner: Learner) -> Future[Any]:
        if self._sent is None or self._sent[0] is not learner:
            self._sent = None  # its memory is free before the next one's is taken
            self.require_workers(1)
            try:
                self._sent = (learner, self.client.scatter(learner, broadcast=True, hash=False))
            except (KeyError, OSError, ValueError) as error:
                # What the scheduler says where workers die while it sends.
                raise CancelledError("no worker took the data") from error
        return self._sent[1]

    def _begin(
        self, learner: Future[Any], waiting: Iterator[tuple[int, Fit]], running: dict[Future[Any], int], most: int
    ) -> list[Future[Any]]:
        begun = []
        for place, fit in islice(waiting, most):
            # Positions of many rows are large, and rightly a part of the task: they outlive any worker with it.
            with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"}):
                future = self.client.submit(
                    fitted_there, learner, fit, self.threads, key=f"fit-{uuid4().hex}", retries=OTHER_FAULTS
                )
            running[future] = place
            begun.append(future)
        return begun


def _answers(future: Future[Any]) -> Answers:
    try:
        found: Any = future.result()
    except KilledWorker as error:
        raise ClusterError(
            f"every worker that was given a fit died with it; expected workers with more memory: {error}"
        ) from error
    if isinstance(found, Refused):
        raise found.error
    answers: Answers = found
    return answers
