"""When a schedule's trainings begin, and which missed times are made up for. Pure functions; all times are UTC."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cronsim import CronSim, CronSimError

from hotshelf_trainer.jobs.errors import InvalidRequest

MAX_PATTERN = 200
"""Characters of a pattern."""


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done about times that have come. Moments are seconds since the epoch."""

    at: float
    """The newest time that has come."""
    run: bool
    """Whether a training is to begin for it and all before it; False where it is too long ago."""


def check(pattern: str, now: float) -> None:
    """Raises `InvalidRequest` where it is no pattern of five fields, or one whose time never comes."""
    if len(pattern) > MAX_PATTERN or len(pattern.split()) != 5:
        raise InvalidRequest(f"cron {pattern[:MAX_PATTERN]!r}: expected five fields, such as '30 4 * * MON'")
    try:
        following(pattern, now)
    except CronSimError as error:
        raise InvalidRequest(f"cron {pattern!r}: {error}; expected five fields, such as '30 4 * * MON'") from error
    except StopIteration:
        raise InvalidRequest(f"cron {pattern!r}: that time never comes") from None


def following(pattern: str, moment: float) -> float:
    """The pattern's first time after a moment, in seconds since the epoch."""
    return next(CronSim(pattern, _utc(math.floor(moment)))).timestamp()


def due(pattern: str, seen: float, now: float, catch_up_seconds: float) -> Due | None:
    """What to do about the times after ``seen`` and up to ``now``; None where there are none.

    However many there are, one training makes up for all of them: the newest decides. When that is more than
    ``catch_up_seconds`` ago, none does.
    """
    # Backwards, because a trainer that was down for a year has missed half a million minutes.
    newest = next(CronSim(pattern, _utc(math.floor(now)) + timedelta(seconds=1), reverse=True), None)
    if newest is None or newest.timestamp() <= seen:
        return None
    at = newest.timestamp()
    return Due(at, run=now - at <= catch_up_seconds)


def _utc(moment: int) -> datetime:
    return datetime.fromtimestamp(moment, UTC)
