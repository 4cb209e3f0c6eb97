"""May the candidate become champion? A pure function of figures and limits; every check says why."""

from itertools import product

from hotshelf_trainer.recipes.recommendation import Gate
from hotshelf_trainer.recommendation.artifacts import SCOPES, Comparison, Evidence
from hotshelf_trainer.verdict import Check, Verdict

BASELINE_WORDS = {
    "popularity": "recent popularity",
    "personal": "personal frequency",
    "personal_decayed": "decayed personal frequency",
    "ease": "EASE",
}


def judge(evidence: Evidence, limits: Gate) -> Verdict:
    """Sanity first, then the simple baselines, then the champion."""
    beaten = (_beats(name, scope, evidence.baselines[name, scope]) for name, scope in product(limits.beat, SCOPES))
    champion = () if evidence.champion is None else (_champion(evidence.champion, evidence, limits),)
    return Verdict(evidence.champion_version, (*_sanity(evidence, limits), *beaten, *champion))


def _sanity(evidence: Evidence, limits: Gate) -> tuple[Check, ...]:
    covered, floor = f"{evidence.coverage:.2%}", f"{limits.coverage:.2%}"
    return (
        Check("scores are finite", evidence.finite, "no NaN or infinity" if evidence.finite else "some aren't numbers"),
        Check(
            "coverage",
            evidence.coverage >= limits.coverage,
            f"{covered} of the products sold are in somebody's top 10; at least {floor} expected",
        ),
    )


def _beats(name: str, scope: str, comparison: Comparison) -> Check:
    """A baseline is beaten when the one-sided 95 % lower bound of the difference is above 0."""
    passed = comparison.difference.bound > 0
    return Check(f"beats {BASELINE_WORDS[name]} ({scope} products)", passed, _figures(comparison, 0.0))


def _champion(comparison: Comparison, evidence: Evidence, limits: Gate) -> Check:
    floor = 0.0 if limits.superiority else -limits.margin * comparison.other
    passed = comparison.difference.bound > floor
    kind = "better than" if limits.superiority else "not inferior to"
    name = f"{kind} champion version {evidence.champion_version} (all products)"
    return Check(name, passed, f"{_figures(comparison, floor)}; {evidence.champion_note}")


def _figures(comparison: Comparison, floor: float) -> str:
    difference = comparison.difference
    return (
        f"NDCG@10 {comparison.candidate:.4f} against {comparison.other:.4f}, difference {difference.mean:+.4f} "
        f"[{difference.low:+.4f}, {difference.high:+.4f}]; its lower 95 % bound {difference.bound:+.4f} is "
        f"{'above' if difference.bound > floor else 'not above'} {floor:+.4f}"
    )
