"""Each version's calls, latency and scores are counted while the version is known."""

import numpy as np
import pytest

from hotshelf_server.core.types import VersionId
from hotshelf_server.observability.sketch import Sketch
from hotshelf_server.observability.traffic import LATENCY_BOUNDS, MAX_SCORES, Outcome, Traffic

ONE, TWO = VersionId("m", 1), VersionId("m", 2)


@pytest.fixture
def traffic() -> Traffic:
    return Traffic()


def test_calls_are_counted_by_outcome_and_only_answers_have_a_latency(traffic: Traffic) -> None:
    for outcome in (Outcome.OK, Outcome.OK, Outcome.FAILED, Outcome.REFUSED):
        traffic.record(ONE, outcome, 0.01)
    traffic.record(TWO, Outcome.OK, 1e9)
    one, two = traffic.snapshot("m").values()
    assert (one.ok, one.failed, one.refused, sum(one.latency)) == (2, 1, 1, 2)
    assert two.latency[-1] == 1
    assert traffic.snapshot("n") == {}


def test_the_99th_percentile_of_latency_is_known_to_5_percent(traffic: Traffic) -> None:
    seconds = np.random.default_rng(0).lognormal(-5, 1, 10_000)
    for one in seconds:
        traffic.record(ONE, Outcome.OK, float(one))
    counts = np.cumsum(traffic.snapshot("m")[1].latency)
    bucket = int(np.searchsorted(counts, 0.99 * counts[-1]))
    middle = (LATENCY_BOUNDS[bucket - 1] * LATENCY_BOUNDS[bucket]) ** 0.5
    assert middle == pytest.approx(np.quantile(seconds, 0.99), rel=0.05)


def test_of_a_large_answer_a_bounded_sample_of_scores_is_counted(traffic: Traffic) -> None:
    traffic.scores(ONE, np.linspace(1, 2, 100_001))
    traffic.scores(ONE, np.empty((0, 3)))
    scores = traffic.snapshot("m")[1].scores.buckets
    assert MAX_SCORES // 2 < sum(scores.values()) <= MAX_SCORES
    ends = Sketch()
    ends.add(np.array([1.0, 2.0]))
    assert min(scores) == min(ends.buckets)
    assert max(ends.buckets) - max(scores) <= 1


def test_versions_that_are_no_longer_here_are_forgotten(traffic: Traffic) -> None:
    traffic.record(ONE, Outcome.OK, 0.01)
    traffic.record(TWO, Outcome.OK, 0.01)
    traffic.keep({TWO})
    assert list(traffic.snapshot("m")) == [2]


def test_a_snapshot_stands_still_and_snapshots_add_up(traffic: Traffic) -> None:
    traffic.record(ONE, Outcome.OK, 0.01)
    traffic.scores(ONE, np.ones(3))
    before = traffic.snapshot("m")[1]
    traffic.record(ONE, Outcome.FAILED, 0.01)
    traffic.scores(ONE, np.ones(3))
    assert (before.failed, sum(before.scores.buckets.values())) == (0, 3)
    both = before + traffic.snapshot("m")[1]
    assert (both.ok, both.failed, sum(both.latency), sum(both.scores.buckets.values())) == (2, 1, 2, 9)
