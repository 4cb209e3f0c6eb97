"""What became of the calls of each version."""

from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.core.types import Times, VersionId
from hotshelf_server.observability.statistics import EXACT_ROWS, MAX_RESPONSES, Statistics

ONE, TWO = VersionId("m", 1), VersionId("m", 2)


def test_requests_and_computations_are_counted_apart() -> None:
    statistics = Statistics()
    times = Times(decode=1, queue=2, join=4, compute=8, part=16, encode=32, total=64)
    statistics.executed(ONE, 5, times)
    for rows in (2, 3):
        statistics.answered(ONE, rows, times, now=1000.0)
    statistics.failed(ONE, 7.0)
    counts = statistics.snapshot()[ONE]
    assert (counts.inferences, counts.executions, counts.last) == (5, 1, 1000.0)
    assert (counts.success.count, counts.success.seconds) == (2, 128)
    assert (counts.fail.count, counts.fail.seconds) == (1, 7)
    assert (counts.queue.seconds, counts.input.seconds, counts.compute.seconds, counts.output.seconds) == (
        4,
        10,
        16,
        96,
    )
    assert (counts.batches[5].input.seconds, counts.batches[5].compute.count) == (4, 1)


@given(st.lists(st.integers(1, 1 << 20)))
def test_batch_sizes_and_responses_are_bounded_in_number(sizes: list[int]) -> None:
    statistics = Statistics()
    for size in sizes:
        statistics.executed(ONE, size, Times())
        statistics.responded(ONE, size, 1.0)
    for counts in statistics.snapshot().values():
        assert len(counts.batches) <= EXACT_ROWS + 21
        assert len(counts.responses) <= MAX_RESPONSES
        assert sum(batch.compute.count for batch in counts.batches.values()) == len(sizes)
        assert all(any(rows >= size for rows in counts.batches) for size in sizes)


def test_versions_that_are_no_longer_here_are_forgotten_and_a_snapshot_stands_still() -> None:
    statistics = Statistics()
    for version in (ONE, TWO):
        statistics.failed(version, 1.0)
    before = statistics.snapshot()
    statistics.failed(TWO, 1.0)
    statistics.keep([TWO])
    assert {version: counts.fail.count for version, counts in before.items()} == {ONE: 1, TWO: 1}
    assert {version: counts.fail.count for version, counts in statistics.snapshot().items()} == {TWO: 2}
