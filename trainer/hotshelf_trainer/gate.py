"""May the candidate become champion? A pure function of figures and limits; every check says why."""

from hotshelf_trainer.artifacts import SCOPES, Check, Comparison, Evidence, Verdict
from hotshelf_trainer.recipe import Gate

BASELINE_WORDS = {
    "popularity": "recent popularity",
    "personal": "personal frequency",
    "personal_decayed": "decayed personal frequency",
    "ease": "EASE",
}


def judge(evidence: Evidence, limits: Gate) -> Verdict:
    """Sanity first, then the simple baselines, then the champion."""
    checks = [
        Check(
            "scores are finite",
            evidence.finite,
            "no NaN or infinity" if evidence.finite else "some scores are not numbers",
        ),
        Check(
            "coverage",
            evidence.coverage >= limits.coverage,
            f"{evidence.coverage:.2%} of the products sold are in somebody's top 10; at least {limits.coverage:.2%} expected",
        ),
    ]
    for name in limits.beat:
        for scope in SCOPES:
            checks.append(_beats(name, scope, evidence.baselines[name, scope]))
    if evidence.champion is not None:
        checks.append(_champion(evidence.champion, evidence, limits))
    return Verdict(evidence.champion_version, tuple(checks))


def _beats(name: str, scope: str, comparison: Comparison) -> Check:
    """A baseline is beaten when the one-sided 95 % lower bound of the difference is above 0."""
    passed = comparison.difference.bound > 0
    return Check(f"beats {BASELINE_WORDS[name]} ({scope} products)", passed, _figures(comparison, 0.0, passed))


def _champion(comparison: Comparison, evidence: Evidence, limits: Gate) -> Check:
    floor = 0.0 if limits.superiority else -limits.margin * comparison.other
    passed = comparison.difference.bound > floor
    kind = "better than" if limits.superiority else "not inferior to"
    name = f"{kind} champion version {evidence.champion_version} (all products)"
    return Check(name, passed, f"{_figures(comparison, floor, passed)}; {evidence.champion_note}")


def _figures(comparison: Comparison, floor: float, passed: bool) -> str:  # noqa: FBT001 - private, called beside its maker
    difference = comparison.difference
    relation = "above" if passed else "not above"
    return (
        f"NDCG@10 {comparison.candidate:.4f} against {comparison.other:.4f}, difference {difference.mean:+.4f} "
        f"[{difference.low:+.4f}, {difference.high:+.4f}]; its lower 95 % bound {difference.bound:+.4f} is {relation} {floor:+.4f}"
    )
