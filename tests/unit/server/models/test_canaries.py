"""What became of canaries."""

import pytest

from hotshelf_server.models.canaries import Canaries, CanaryOutcome, ended
from hotshelf_server.models.source import Wanted
from hotshelf_store import CANDIDATE, CHAMPION


def routed(**weights: int) -> Wanted:
    """``v1=95, v2=5``: the champion's weights by version."""
    route = {int(name[1:]): weight for name, weight in weights.items()}
    return Wanted(frozenset(route), {CHAMPION: route} if route else {})


SPLIT = routed(v1=95, v2=5)


@pytest.mark.parametrize(
    ("before", "now", "outcome"),
    [
        (SPLIT, routed(v2=100), CanaryOutcome.PROMOTED),
        (SPLIT, routed(v1=100), CanaryOutcome.TAKEN_BACK),
        (routed(v1=50, v2=30, v3=20), routed(v2=100), CanaryOutcome.TAKEN_BACK),
        (SPLIT, routed(v1=50, v2=50), None),
        (SPLIT, routed(), None),
        (routed(v1=100), routed(v2=100), None),
        (None, routed(v1=100), None),
        (Wanted(frozenset({2}), {CANDIDATE: {1: 1, 2: 1}}), routed(v2=100), None),
    ],
)
def test_a_canary_ends_when_one_version_is_left(
    before: Wanted | None, now: Wanted, outcome: CanaryOutcome | None
) -> None:
    assert ended(before, now) is outcome


def test_every_model_counts_from_zero_and_ends_with_its_model() -> None:
    canaries = Canaries()
    canaries.heard({}, {"shop": SPLIT})
    assert canaries.counts() == {("shop", "promoted"): 0, ("shop", "taken_back"): 0}
    canaries.heard({"shop": SPLIT}, {"shop": routed(v1=1)})
    canaries.heard({"shop": SPLIT}, {"shop": routed(v1=1)})
    assert canaries.counts() == {("shop", "promoted"): 0, ("shop", "taken_back"): 2}
    canaries.heard({"shop": SPLIT}, {})
    assert canaries.counts() == {}
