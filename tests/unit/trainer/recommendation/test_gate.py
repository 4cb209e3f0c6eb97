import pytest

from hotshelf_trainer.recipes.recommendation import Gate
from hotshelf_trainer.recommendation.artifacts import SCOPES, Comparison, Evidence, Interval, Scope
from hotshelf_trainer.recommendation.gate import judge


def against(other: float, mean: float, bound: float) -> Comparison:
    return Comparison(other + mean, other, Interval(mean, bound - 0.01, mean + 0.02, bound))


def evidence(
    champion: Comparison | None = None,
    *,
    worse: tuple[str, Scope] | None = None,
    finite: bool = True,
    coverage: float = 0.1,
) -> Evidence:
    baselines = {
        (name, scope): against(0.2, 0.1, -0.001 if (name, scope) == worse else 0.08)
        for name in ("popularity", "personal", "personal_decayed", "ease")
        for scope in SCOPES
    }
    return Evidence(
        champion_version=7 if champion else 0,
        champion_note="given the same history",
        champion=champion,
        baselines=baselines,
        finite=finite,
        coverage=coverage,
    )


@pytest.mark.parametrize(
    ("champion", "limits", "passed"),
    [
        (None, Gate(), True),
        (against(0.4, 0.01, 0.001), Gate(), True),
        (against(0.4, 0.0, -0.0039), Gate(margin=0.01), True),
        (against(0.4, 0.0, -0.0041), Gate(margin=0.01), False),
        (against(0.4, 0.0, -0.0041), Gate(margin=0.02), True),
        (against(0.4, 0.0, 0.0), Gate(margin=0.0), False),
        (against(0.4, 0.01, 0.001), Gate(superiority=True), True),
        (against(0.4, 0.01, -0.001), Gate(superiority=True), False),
    ],
)
def test_the_champion_may_lose_no_more_than_the_margin(champion: Comparison | None, limits: Gate, passed: bool) -> None:
    verdict = judge(evidence(champion), limits)
    assert verdict.passed is passed
    assert verdict.champion_version == (7 if champion else 0)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(("baseline", "passed"), [("popularity", False), ("personal", False), ("ease", True)])
def test_the_named_baselines_must_be_beaten(baseline: str, scope: Scope, passed: bool) -> None:
    assert judge(evidence(worse=(baseline, scope)), Gate()).passed is passed


def test_a_superior_candidate_is_refused_where_a_score_is_no_number() -> None:
    verdict = judge(evidence(against(0.4, 0.1, 0.09), finite=False), Gate())
    assert [check.name for check in verdict.checks if not check.passed] == ["scores are finite"]


def test_coverage_has_a_floor() -> None:
    verdict = judge(evidence(coverage=0.001), Gate(coverage=0.002))
    assert [check.name for check in verdict.checks if not check.passed] == ["coverage"]


def test_every_check_gives_its_figures_and_the_champion_its_version() -> None:
    last = judge(evidence(against(0.4, 0.0, -0.01)), Gate()).checks[-1]
    assert last.name == "not inferior to champion version 7 (all products)"
    assert "0.4000 against 0.4000" in last.reason
    assert "-0.0100 is not above -0.0040" in last.reason
    assert last.reason.endswith("given the same history")
