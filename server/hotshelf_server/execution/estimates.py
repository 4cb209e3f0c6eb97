"""On what terms a call waits, and what it has to expect, going by the pace of those before it."""

from typing import Any

from hotshelf_server.core.errors import DeadlineExceeded, InvalidInput, Overloaded, Refusal
from hotshelf_server.core.model_settings import ModelSettings, QueueSettings
from hotshelf_server.execution.job import Job, Patience, Terms
from hotshelf_server.execution.line import Line

RETRY_LEAST, RETRY_MOST = 0.05, 5.0
"""Seconds after which a refused caller is told to come again."""


def terms(settings: QueueSettings, patience: Patience, now: float, *, elsewhere: bool) -> Terms:
    """What a caller's patience comes to. Raises `InvalidInput` for an unknown priority."""
    if not 0 <= patience.priority <= settings.priority_levels:
        raise InvalidInput(
            f"parameter 'priority' is {patience.priority}, expected 1 to {settings.priority_levels}, or 0 for "
            f"{settings.default_priority}",
            parameter="priority",
            expected=f"0 to {settings.priority_levels}",
            found=patience.priority,
        )
    waits = [seconds for seconds in (settings.timeout_seconds, patience.timeout_seconds) if seconds is not None]
    return Terms(
        patience.priority or settings.default_priority,
        None if patience.seconds_left is None else now + patience.seconds_left,
        now + min(waits) if waits else None,
        elsewhere,
        patience.at_once,
    )


def refuse_late(job: Job[Any], line: Line, settings: ModelSettings, places: int, now: float) -> None:
    """Raise `DeadlineExceeded` for a job that can't be computed in time.

    ``places`` are those of its model. The estimate leans to letting in: what it needs itself counts at its least, and
    calls before it as if all of them could be joined.
    """
    if job.terms.deadline is None:
        return
    ahead = line.ahead_of(job.terms.priority)
    together = settings.batching.max_rows if settings.batching else 1
    needed = ahead / (places * together) * line.pace.mean(now) + line.pace.fastest(now)
    if now + needed >= job.terms.deadline:
        raise DeadlineExceeded(
            f"the deadline is in {max(0.0, job.terms.deadline - now):.3f} s, the answer would take {needed:.3f} s "
            f"at least, with {ahead} calls before it",
            refusal=Refusal.DEADLINE_UNMEETABLE,
            model=job.id.model,
        )


def refuse_too_many(job: Job[Any], line: Line, settings: ModelSettings, places: int, now: float) -> None:
    """Raise `Overloaded` when as many calls wait as may."""
    if line.length < settings.queue.max_waiting:
        return
    seconds = line.length / places * line.pace.mean(now)
    raise Overloaded(
        f"{line.length} calls wait for model {job.id.model!r} already, which is as many as may",
        min(RETRY_MOST, max(RETRY_LEAST, seconds)),
        refusal=Refusal.QUEUE_FULL,
        model=job.id.model,
    )
