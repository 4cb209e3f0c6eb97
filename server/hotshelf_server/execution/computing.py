"""Computes jobs, alone or joined. One bad request in a batch fails alone."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hotshelf_server.core.interfaces import Clock
from hotshelf_server.core.types import Joined
from hotshelf_server.execution.batches import merge, split
from hotshelf_server.execution.job import Job, Part
from hotshelf_server.observability.statistics import Statistics


def compute(jobs: Sequence[Job[Any]], clock: Clock, statistics: Statistics) -> float:
    """Give every job its answer or its error; the seconds that it took."""
    started = clock.monotonic()
    for job in jobs:
        job.times.queue = started - job.arrived
    if len(jobs) == 1 or not _together(jobs, clock, statistics):
        for job in jobs:
            _alone(job, clock, statistics)
    return clock.monotonic() - started


def _alone(job: Job[Any], clock: Clock, statistics: Statistics) -> None:
    started = clock.monotonic()
    try:
        job.succeed(job.compute())
    except Exception as error:  # noqa: BLE001 - it belongs to the caller, who raises it on a thread of its own
        job.fail(error)
        return
    job.times.compute = clock.monotonic() - started
    statistics.executed(job.id, job.rows, job.times)


def _together(jobs: Sequence[Job[Any]], clock: Clock, statistics: Statistics) -> bool:
    """Whether all have their answers; False when something went wrong with any of them, or with the answer."""
    parts: list[Part] = [job.part for job in jobs if job.part is not None]
    rows = [job.rows for job in jobs]
    moments = [clock.monotonic()]
    try:
        merged = merge([part.inputs for part in parts])
        moments.append(clock.monotonic())
        response = parts[0].predict(merged)
        moments.append(clock.monotonic())
        answers = split(response, rows)
    except Exception:  # noqa: BLE001 - whose fault it is shows when each is computed alone
        return False
    moments.append(clock.monotonic())
    joined = Joined(len(jobs), sum(rows))
    for job, answer in zip(jobs, answers, strict=True):
        times = job.times
        times.join, times.compute, times.part = (end - start for start, end in pairwise(moments))
        times.joined = joined
        job.succeed(answer)
    statistics.executed(jobs[0].id, joined.rows, jobs[0].times)
    return True
