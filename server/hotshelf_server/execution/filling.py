"""Fills batches. Every function wants the executor's lock held; `fill` lets go of it while it waits."""

import threading
from collections.abc import Hashable, Sequence
from typing import Any

from hotshelf_server.core.interfaces import Clock
from hotshelf_server.core.model_settings import BatchingSettings
from hotshelf_server.execution.job import Job
from hotshelf_server.execution.line import Batch, Line


def join(job: Job[Any], line: Line) -> bool:
    """Whether a batch that is being filled took the job in. One that lacks the room for it waits for no others."""
    key = _key(job)
    batch = line.filling.get(key) if key is not None else None
    if batch is None:
        return False
    if batch.takes(job):
        job.hold()
        batch.add(job)
        return True
    batch.closed = True
    del line.filling[key]
    return False


def gather(job: Job[Any], line: Line, batching: BatchingSettings) -> Batch:
    """The batch that a job leads, with those that wait for the model and fit."""
    batch = Batch(job)
    key = _key(job)
    if key is None:
        batch.closed = True
        return batch
    batch.max_rows = batching.max_rows
    fitting = [other for other in line.waiting() if _key(other) == key]
    count, batch.closed = choose(job.rows, [other.rows for other in fitting], batching)
    for other in fitting[:count]:
        line.remove(other)
        batch.add(other)
    return batch


def choose(rows: int, waiting: Sequence[int], batching: BatchingSettings) -> tuple[int, bool]:
    """How many of those that wait, by their rows in order, join one of ``rows``; and whether to go without more.

    The longest run that makes a preferred size, else all that fit. What doesn't fit is not overtaken.
    """
    total, count, preferred = rows, 0, 0 if rows in batching.preferred_rows else -1
    for more in waiting:
        if total + more > batching.max_rows:
            return (preferred if preferred >= 0 else count), True
        total += more
        count += 1
        if total in batching.preferred_rows:
            preferred = count
    if total >= batching.max_rows:
        return count, True
    return (preferred, True) if preferred >= 0 else (count, False)


def fill(batch: Batch, line: Line, batching: BatchingSettings, changed: threading.Condition, clock: Clock) -> None:
    """Wait for more rows as long as the settings say, but not past the deadline of a job that is in already."""
    key = _key(batch.jobs[0])
    end = clock.monotonic() + batching.max_delay_seconds
    line.filling[key] = batch
    while not (batch.closed or batch.full or batch.rows in batching.preferred_rows):
        now = clock.monotonic()
        latest = min(end, batch.earliest_deadline() - line.pace.mean(now))
        if now >= latest:
            break
        changed.wait(latest - now)
    if line.filling.get(key) is batch:
        del line.filling[key]


def _key(job: Job[Any]) -> Hashable:
    """Jobs of equal keys may be joined; None for one that can't be."""
    return (job.id, job.part.key) if job.part else None
