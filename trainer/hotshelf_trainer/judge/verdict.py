"""What to do with a canary, from the counts of one window: a pure function.

It is raised when every check is passed with enough calls, taken back when one is failed beyond doubt, and held between.
The tests and their limits are explained in docs/decisions/0008-how-a-canary-is-judged.md.
"""

from dataclasses import dataclass
from enum import Enum

from hotshelf_trainer.judge.bounds import difference, distance, quantile, uncertainty, wilson
from hotshelf_trainer.judge.counts import Counts

SURE = 0.99
"""Confidence at which a canary is taken back; it is looked at again and again, so this is high."""

CONFIDENT = 0.95
"""Confidence at which a canary's error rate is held to be within the limit."""

FEWEST_CALLS = 100
"""Calls of the canary below which nothing is said against it: the bounds are approximate for few."""

RESOLUTION = 1.1
"""Ratio of the ends of a latency bucket."""


class Action(Enum):
    """What to do with the canary's share."""

    RAISE = "raise"
    HOLD = "hold"
    TAKE_BACK = "take back"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much worse than the champion a canary may be.

    ``min_calls``: calls of each that a raise needs; ``max_error_rate_increase``: difference of the shares of failed
    calls; ``max_p99_ratio``: ratio of the 99th percentiles of latency, of which one up to ``fast_enough`` seconds is
    never too slow; ``max_score_distance``: Kolmogorov-Smirnov distance of the scores.
    """

    min_calls: int = 500
    max_error_rate_increase: float = 0.01
    max_p99_ratio: float = 1.5
    fast_enough: float = 0.005
    max_score_distance: float = 0.2


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, and why in words."""

    action: Action
    reason: str


def judge(champion: Counts, canary: Counts, limits: Limits) -> Verdict:
    """Compare what the two did in the same window."""
    checks = [
        _enough(champion, canary, limits),
        _errors(champion, canary, limits),
        _latency(champion, canary, limits),
        _scores(champion, canary, limits),
    ]
    worst = next(
        (action for action in (Action.TAKE_BACK, Action.HOLD) if any(check.action is action for check in checks)),
        Action.RAISE,
    )
    return Verdict(worst, "; ".join(check.reason for check in checks if check.action is worst))


def _enough(champion: Counts, canary: Counts, limits: Limits) -> Verdict:
    words = f"{canary.calls:,} calls of the canary and {champion.calls:,} of the champion"
    if min(champion.calls, canary.calls) >= limits.min_calls:
        return Verdict(Action.RAISE, words)
    return Verdict(Action.HOLD, f"{words}, of {limits.min_calls:,} needed")


def _errors(champion: Counts, canary: Counts, limits: Limits) -> Verdict:
    counted = (canary.failed, canary.calls, champion.failed, champion.calls)
    words = f"errors {_rate(canary)} against {_rate(champion)}"
    least, _ = difference(*counted, SURE)
    _, most = difference(*counted, CONFIDENT)
    allowed = limits.max_error_rate_increase
    if least > allowed and canary.calls >= FEWEST_CALLS:
        return Verdict(Action.TAKE_BACK, f"{words}, at least {least:.2%} more, allowed {allowed:.2%}")
    if most > allowed:
        return Verdict(Action.HOLD, f"{words}, perhaps {most:.2%} more, allowed {allowed:.2%}")
    return Verdict(Action.RAISE, f"{words}, at most {most:.2%} more")


def _latency(champion: Counts, canary: Counts, limits: Limits) -> Verdict:
    slow, usual = quantile(canary.latency, 0.99), quantile(champion.latency, 0.99)
    words = f"p99 {_milliseconds(slow)} against {_milliseconds(usual)}"
    if slow <= max(limits.max_p99_ratio * usual, limits.fast_enough):
        return Verdict(Action.RAISE, words)
    # The champion's 99th percentile may be larger than it looks, and the canary's smaller.
    _, rank = wilson(0.99 * champion.ok, champion.ok, SURE)
    bound = max(limits.max_p99_ratio * quantile(champion.latency, rank), limits.fast_enough) * RESOLUTION
    beyond = sum(count for end, count in canary.latency.items() if end > bound)
    share, _ = wilson(beyond, canary.ok, SURE)
    if share > 0.01 and min(canary.ok, champion.ok) >= FEWEST_CALLS:
        return Verdict(Action.TAKE_BACK, f"{words}, allowed {limits.max_p99_ratio:g} times as much")
    return Verdict(Action.HOLD, f"{words}, allowed {limits.max_p99_ratio:g} times as much, but not sure yet")


def _scores(champion: Counts, canary: Counts, limits: Limits) -> Verdict:
    if not champion.scores and not canary.scores:
        return Verdict(Action.RAISE, "no scores to compare")
    # The scores of one answer are no independent evidence: each answer counts once.
    mine, theirs = (min(one.ok, one.scores.total()) for one in (canary, champion))
    apart = distance(canary.scores, champion.scores)
    words = f"score distance {apart:.3f}"
    doubt = uncertainty(mine, SURE) + uncertainty(theirs, SURE)
    if apart - doubt > limits.max_score_distance and mine >= FEWEST_CALLS:
        return Verdict(Action.TAKE_BACK, f"{words}, allowed {limits.max_score_distance:g}")
    if min(mine, theirs) < limits.min_calls:
        return Verdict(
            Action.HOLD,
            f"{mine:,} scored answers of the canary and {theirs:,} of the champion, of {limits.min_calls:,}",
        )
    if apart > limits.max_score_distance:
        return Verdict(Action.HOLD, f"{words}, allowed {limits.max_score_distance:g}, but not sure yet")
    return Verdict(Action.RAISE, words)


def _rate(counts: Counts) -> str:
    return f"{counts.failed / max(1, counts.calls):.2%} of {counts.calls:,}"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms"
