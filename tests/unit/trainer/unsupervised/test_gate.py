"""The gate is a pure function of what was found: each check, its limit, and what it says."""

import pytest

from hotshelf_trainer.diagnosis.intervals import Estimate
from hotshelf_trainer.recipes.table import GateLimits
from hotshelf_trainer.table.rivals import CHAMPION, Comparison
from hotshelf_trainer.unsupervised.figures import Judged
from hotshelf_trainer.unsupervised.gate import Opponent, judge
from hotshelf_trainer.verdict import Check

CHANCE = "shuffled columns"
OPPONENT = Opponent(7, ("a", "b"))


def judged(*checks: Check, **least: float) -> Judged:
    """``least``: the lower bound of the gain over each rival, whose own score is 0.5."""
    names = {"chance": CHANCE, "champion": CHAMPION}
    compared = {
        names[key]: Comparison(
            names[key], 0.5 + bound, 0.5, Estimate(bound + 0.01, bound, bound, bound, bound, 100, 1000, 0)
        )
        for key, bound in least.items()
    }
    return Judged("silhouette", {}, compared, checks, (), {}, (), None)


def test_without_a_champion_chance_and_the_tasks_own_checks_decide() -> None:
    fine, poor = Check("stable", True, ""), Check("stable", False, "")
    assert judge(judged(fine, chance=0.1), ("a",), None, GateLimits()).passed
    assert not judge(judged(poor, chance=0.1), ("a",), None, GateLimits()).passed
    assert not judge(judged(fine, chance=-0.1), ("a",), None, GateLimits()).passed


@pytest.mark.parametrize(
    ("least", "superiority", "passed"),
    [(0.001, True, True), (-0.004, False, True), (-0.006, False, False), (-0.004, True, False), (0.0, False, True)],
)
def test_against_the_champion_the_lower_bound_decides(least: float, *, superiority: bool, passed: bool) -> None:
    verdict = judge(judged(chance=0.1, champion=least), ("a", "b"), OPPONENT, GateLimits(superiority=superiority))
    assert verdict.passed is passed
    assert verdict.champion_version == 7
    assert verdict.checks[-1].name.endswith("champion version 7")


def test_a_champion_of_other_columns_is_never_beaten_by_default() -> None:
    verdict = judge(judged(chance=0.1), ("b", "c"), OPPONENT, GateLimits())
    assert not verdict.passed
    assert "the columns differ (a, c)" in verdict.checks[-1].reason
