"""A canary is raised on enough good evidence, taken back on evidence beyond doubt, and held between."""

import re

import pytest

from hotshelf_trainer.judge.counts import Counts
from hotshelf_trainer.judge.verdict import Action, Limits, judge
from tests.unit.trainer.judge.fleet import counts

LIMITS = Limits()
GOOD = counts(ok=5_000, failed=5)


@pytest.mark.parametrize(
    ("canary", "action", "words"),
    [
        (counts(ok=1_000, failed=1), Action.RAISE, "errors 0.10% of 1,001 against 0.10% of 5,005, at most"),
        (counts(ok=499), Action.HOLD, "499 calls of the canary and 5,005 of the champion, of 500 needed"),
        (Counts(), Action.HOLD, "0 calls of the canary"),
        (counts(ok=490, failed=10), Action.HOLD, "perhaps 3.2"),
        (counts(ok=480, failed=20), Action.TAKE_BACK, r"errors 4.00% of 500 .* at least 2.*% more, allowed 1.00%"),
        (counts(ok=80, failed=20), Action.TAKE_BACK, "errors 20.00% of 100 against"),
        (counts(ok=79, failed=20), Action.HOLD, "calls of the canary"),
        (counts(failed=100), Action.TAKE_BACK, "errors 100.00% of 100"),
        (counts(ok=1_000, seconds=0.014), Action.RAISE, "p99 14 ms against 10 ms"),
        (counts(ok=1_000, seconds=0.03), Action.TAKE_BACK, "p99 30 ms against 10 ms, allowed 1.5 times as much"),
        (counts(ok=1_000, slow=11), Action.HOLD, "p99 1e.03 ms against 10 ms, .* not sure yet"),
        (counts(ok=1_000, slow=30), Action.TAKE_BACK, "p99 1e.03 ms"),
        (counts(ok=1_000, score=101), Action.TAKE_BACK, "score distance 0.500, allowed 0.2"),
        (counts(ok=250) + counts(ok=250, score=101), Action.HOLD, "score distance 0.250, .*, but not sure yet"),
        (counts(ok=120, score=900), Action.TAKE_BACK, "score distance 1.000"),
        (counts(ok=1_000, scored=False), Action.HOLD, "0 scored answers of the canary"),
    ],
)
def test_a_canary_beside_a_good_champion(canary: Counts, action: Action, words: str) -> None:
    verdict = judge(GOOD, canary, LIMITS)
    assert verdict.action is action, verdict.reason
    assert re.search(words, verdict.reason), verdict.reason


def test_a_canary_that_is_no_worse_than_a_bad_champion_is_not_taken_back() -> None:
    bad = counts(ok=9_000, failed=1_000, seconds=0.5, slow=300)
    assert judge(bad, bad, LIMITS).action is not Action.TAKE_BACK


def test_a_latency_that_is_fast_enough_is_never_too_slow() -> None:
    champion, canary = counts(ok=5_000, seconds=0.0005), counts(ok=5_000, seconds=0.004)
    assert judge(champion, canary, LIMITS).action is Action.RAISE


def test_a_champion_that_few_calls_reach_is_waited_for() -> None:
    verdict = judge(counts(ok=100), counts(ok=5_000), LIMITS)
    assert (verdict.action, "100 of the champion" in verdict.reason) == (Action.HOLD, True)


def test_models_without_scores_are_judged_by_the_rest() -> None:
    one = counts(ok=5_000, scored=False)
    verdict = judge(one, one, LIMITS)
    assert (verdict.action, "no scores" in verdict.reason) == (Action.RAISE, True)
