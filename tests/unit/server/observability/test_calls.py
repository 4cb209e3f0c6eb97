"""Counts of calls by method, model, version and code."""

from hotshelf_server.core.errors import Refusal
from hotshelf_server.core.types import Times, VersionId
from hotshelf_server.observability.calls import CallCounts

KEY = ("ModelInfer", "m", 1)


def test_codes_are_told_apart_and_durations_are_of_all_of_them() -> None:
    counts = CallCounts()
    counts.record(KEY, "OK", 0.002, Times(queue=0.5, compute=0.001), 0.0)
    counts.record(KEY, "OK", 0.002, Times(), 0.0)
    counts.record(KEY, "INTERNAL", 0.03, None, 0.0)
    (series,) = counts.snapshot().series.values()
    assert series.codes == {"OK": 2, "INTERNAL": 1}
    assert (sum(series.duration.counts), round(series.duration.sum, 6)) == (3, 0.034)
    assert (sum(series.queue.counts), series.queue.sum) == (2, 0.5)
    assert (sum(series.compute.counts), series.compute.sum) == (2, 0.001)


def test_refusals_are_counted_by_reason() -> None:
    counts = CallCounts()
    for reason in (Refusal.QUEUE_FULL, Refusal.QUEUE_FULL, Refusal.CALLER_GONE):
        counts.refused("ModelInfer", "m", reason)
    assert counts.snapshot().refusals == {
        ("ModelInfer", "m", Refusal.QUEUE_FULL): 2,
        ("ModelInfer", "m", Refusal.CALLER_GONE): 1,
    }


def test_a_bucket_asks_for_an_exemplar_when_it_has_had_none_lately() -> None:
    counts = CallCounts()
    first = counts.record(KEY, "OK", 0.002, None, 10.0)
    assert first is not None
    assert counts.record(KEY, "OK", 0.002, None, 10.5) is None
    slow = counts.record(KEY, "OK", 2.0, None, 10.5)
    assert slow is not None
    assert slow.bucket != first.bucket


def test_versions_that_are_not_kept_are_forgotten_with_all_that_was_counted_of_them() -> None:
    counts = CallCounts()
    for version in (0, 1, 2):
        counts.record(("ModelInfer", "m", version), "OK", 0.1, None, 0.0)
    counts.refused("ModelInfer", "m", Refusal.SERVER_FULL)
    assert counts.versions() == {VersionId("m", version) for version in (0, 1, 2)}
    counts.keep({VersionId("m", 2)})
    assert counts.versions() == {VersionId("m", 2)}
    assert not counts.snapshot().refusals
