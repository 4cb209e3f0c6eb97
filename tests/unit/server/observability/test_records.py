"""What calls leave behind ends with their versions: statistics at once, metrics after a while."""

from collections.abc import Callable, Collection, Iterable

from hotshelf_server.core.recommendation import Fallback, Recommendations
from hotshelf_server.core.types import Times, VersionId
from hotshelf_server.observability.records import Records
from hotshelf_server.observability.retention import Retention
from hotshelf_server.observability.shadow import ShadowOutcome
from hotshelf_server.observability.tallies import Answered, Tally
from hotshelf_server.observability.traffic import Outcome

OLD, NEW = VersionId("m", 1), VersionId("m", 2)


def called(records: Records, version: VersionId) -> None:
    records.calls.record(("ModelInfer", version.model, version.version), "OK", 0.1, None, 0.0)
    records.statistics.executed(version, 3, Times())
    records.shadows.add(version, ShadowOutcome.SAME)
    records.recommendations.add(version, Recommendations((), Fallback.NONE, 0.0), 0.0)
    records.traffic.record(version, Outcome.OK, 0.1)


def exported(records: Records) -> set[VersionId]:
    """The versions of all series, which must be the same for every metric."""
    by_metric = [
        {VersionId(key.model, key.version) for key in records.calls.snapshot().series},
        {version for version, _ in records.shadows.snapshot()},
        set(records.recommendations.snapshot(0.0)),
        set(records.counted()),
    ]
    assert all(found == by_metric[0] for found in by_metric)
    return by_metric[0]


def test_series_of_a_version_that_has_gone_end_after_a_while() -> None:
    records = Records(Retention(60))
    for version in (OLD, NEW):
        called(records, version)
    records.keep([NEW], now=0)
    assert exported(records) == {OLD, NEW}
    assert set(records.statistics.snapshot()) == {NEW}
    assert not records.traffic.snapshot("m").keys() & {OLD.version}
    records.keep([NEW], now=59)
    assert exported(records) == {OLD, NEW}
    records.keep([NEW], now=60)
    assert exported(records) == {NEW}


def test_a_call_that_ends_after_its_series_did_is_not_kept_for_ever() -> None:
    records = Records(Retention(60))
    records.keep([NEW], now=0)
    called(records, OLD)
    for now in (1000, 1060):
        records.keep([NEW], now)
    assert exported(records) == set()


class Slow(Retention[VersionId]):
    """Does something while it is asked."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__(60)
        self._meanwhile = meanwhile

    def staying(self, counted: Iterable[VersionId], here: Collection[VersionId], now: float) -> frozenset[VersionId]:
        self._meanwhile()
        return super().staying(counted, here, now)


def test_calls_of_a_version_that_comes_while_others_are_forgotten_are_counted() -> None:
    def come() -> None:
        called(records, NEW)
        tally.append(records.tallies.of(NEW))

    tally: list[Tally] = []
    records = Records(Slow(come))
    records.expire([], now=0)
    tally[0].add(Answered(1, 1, 0.0, 0.0, 0.1, 0.0, 0.1, 0.0))
    assert exported(records) == {NEW}
    (series,) = records.calls.snapshot().series.values()
    assert series.codes == {"OK": 2}


def test_hundreds_of_versions_one_after_the_other_leave_the_series_of_the_last_ones() -> None:
    records = Records(Retention(60))
    for number in range(300):
        called(records, VersionId("m", number))
        records.keep([VersionId("m", number)], now=10.0 * number)
        assert len(exported(records)) <= 8


def test_calls_that_reached_no_model_are_kept_for_as_long_as_the_server_runs() -> None:
    records = Records(Retention(60))
    records.calls.record(("ModelInfer", "", 0), "NOT_FOUND", 0.1, None, 0.0)
    for now in (0, 1000):
        records.keep([], now)
    assert [key.model for key in records.calls.snapshot().series] == [""]


def test_a_version_that_is_loaded_again_counts_from_nought() -> None:
    records = Records(Retention(60))
    called(records, OLD)
    records.keep([], now=0)
    assert records.counted()[OLD].rows == 3
    records.statistics.executed(OLD, 1, Times())
    assert records.counted()[OLD].rows == 1
