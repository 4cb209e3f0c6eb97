"""Answers of recommenders by fallback, and the scores of their first products."""

from hotshelf_server.core.recommendation import Fallback, Reason, Recommendation, Recommendations, Source
from hotshelf_server.core.types import VersionId
from hotshelf_server.observability.recommendations import RecommendationCounts

ONE, TWO = VersionId("shop", 1), VersionId("shop", 2)


def answered(fallback: Fallback, *scores: float) -> Recommendations:
    reason = Reason(Source.POPULAR, "popular")
    return Recommendations(tuple(Recommendation("p", score, reason) for score in scores), fallback, 0.0, 4)


def test_the_share_of_fallbacks_and_the_first_scores_can_be_told_by_version() -> None:
    counts = RecommendationCounts()
    counts.add(ONE, answered(Fallback.NONE, 3.0, -9.0), 0.0)
    counts.add(ONE, answered(Fallback.UNKNOWN_CUSTOMER, 1.5), 0.0)
    counts.add(TWO, answered(Fallback.NONE), 0.0)
    found = counts.snapshot(0.0)
    assert found[ONE].fallbacks == {Fallback.NONE: 1, Fallback.UNKNOWN_CUSTOMER: 1}
    assert (sum(found[ONE].scores.counts), found[ONE].scores.sum) == (2, 4.5)
    assert sum(found[TWO].scores.counts) == 0
    assert (found[ONE].coverage, found[TWO].coverage) == (0.25, 0.0)


def test_versions_that_are_not_kept_are_forgotten() -> None:
    counts = RecommendationCounts()
    for version in (ONE, TWO):
        counts.add(version, answered(Fallback.NONE), 0.0)
    counts.keep([TWO])
    assert counts.versions() == {TWO}
