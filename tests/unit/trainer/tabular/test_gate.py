"""The gate is a pure function of figures: each check, its limit, and what it says."""

from typing import Any

import pytest

from hotshelf_trainer.diagnosis.intervals import Estimate
from hotshelf_trainer.recipes.tabular import TabularGate
from hotshelf_trainer.table.rivals import Comparison
from hotshelf_trainer.tabular.evaluation import Segment
from hotshelf_trainer.tabular.gate import Evidence, judge


def gain(least: float, most: float | None = None) -> Estimate:
    most = least + 0.02 if most is None else most
    middle = (least + most) / 2
    return Estimate(middle, least - 0.01, most + 0.01, least, most, groups=100, resamples=1000, undefined=0)


def comparison(subject: str, found: Estimate) -> Comparison:
    return Comparison(subject, 0.5 + found.value, 0.5, found)


def evidence(champion: Estimate | None = None, constant: Estimate | None = None, **said: Any) -> Evidence:
    compared = {"constant": comparison("constant", constant or gain(0.1))}
    if champion is not None:
        compared["champion"] = comparison("champion", champion)
    content: dict[str, Any] = {
        "metric": "accuracy",
        "champion_version": 3 if champion else 0,
        "champion_note": "on equal terms",
        "comparisons": compared,
        "segments": (),
        "leaks": (),
    }
    return Evidence(**(content | said))


def test_without_a_champion_the_baselines_decide() -> None:
    assert judge(evidence(), TabularGate()).passed
    refused = judge(evidence(constant=gain(-0.001)), TabularGate())
    assert not refused.passed
    assert "lower 95 % bound -0.0010 is not above +0.0000" in refused.checks[-1].reason


@pytest.mark.parametrize(
    ("least", "superiority", "passed"),
    [
        (0.001, False, True),
        (-0.004, False, True),  # the margin is 1 % of 0.5
        (-0.006, False, False),
        (0.001, True, True),
        (0.0, True, False),
        (-0.004, True, False),
    ],
)
def test_against_the_champion_the_lower_bound_decides(least: float, *, superiority: bool, passed: bool) -> None:
    verdict = judge(evidence(gain(least)), TabularGate(superiority=superiority))
    assert verdict.passed is passed
    assert verdict.champion_version == 3


def test_a_candidate_equal_to_the_champion_is_not_inferior_even_without_a_margin() -> None:
    assert judge(evidence(gain(0.0, 0.0)), TabularGate(margin=0)).passed


@pytest.mark.parametrize(("most", "passed"), [(-0.049, True), (-0.051, False)])
def test_a_segment_fails_where_it_surely_loses_more_than_its_margin(most: float, *, passed: bool) -> None:
    segment = Segment("country", "UK", 50, comparison("champion", gain(-0.2, most)))
    verdict = judge(evidence(gain(0.01), segments=(segment,)), TabularGate(segment_margin=0.1))
    assert verdict.passed is passed
    assert "country is 'UK' (50 rows)" in verdict.checks[-1].name


def test_a_column_that_gives_the_target_away_is_named() -> None:
    verdict = judge(evidence(leaks=("'answer' alone foretells the target",)), TabularGate())
    assert not verdict.passed
    assert "'answer'" in verdict.checks[0].reason
