"""What each worker counted of a version adds up."""

import numpy as np
import pytest

from hotshelf_server.core.answers import Answers
from hotshelf_server.core.types import Times, VersionId
from hotshelf_server.observability.records import Records
from hotshelf_server.observability.statistics import VersionStatistics
from hotshelf_server.observability.traffic import Outcome
from hotshelf_server.workers.sums import Sums, added

VERSION = VersionId("m", 1)


class Office:
    """Several workers in this process."""

    def __init__(self, count: int) -> None:
        self.records = [Records() for _ in range(count)]
        self.sums = [Sums(one.statistics, one.traffic, self.ask, "replica") for one in self.records]
        self.epoch = 0

    def ask(self, deed: str, request: str, seconds: float | None) -> Answers:
        said = {str(place): one.deeds[deed](request)() for place, one in enumerate(self.sums)}
        return Answers(said, {}, self.epoch)


def times(**seconds: float) -> Times:
    made = Times()
    for name, value in seconds.items():
        setattr(made, name, value)
    return made


def test_statistics_of_workers_add_up_and_the_latest_answer_counts() -> None:
    office = Office(2)
    for records, rows, at in zip(office.records, (4, 100), (50.0, 20.0), strict=True):
        records.statistics.executed(VERSION, rows, times(compute=0.5))
        records.statistics.answered(VERSION, rows, times(total=1.0, queue=0.25), at)
        records.statistics.responded(VERSION, 0, 0.5)
    for sums in office.sums:
        (found,) = sums.statistics().values()
        assert (found.inferences, found.executions, found.rows, found.last) == (104, 2, 104, 50.0)
        assert (found.success.count, found.success.seconds, found.queue.seconds) == (2, 2.0, 0.5)
        assert {size: one.compute.seconds for size, one in found.batches.items()} == {4: 0.5, 128: 0.5}
        assert found.responses[0].success.count == 2


def test_traffic_of_workers_adds_up() -> None:
    office = Office(3)
    for records in office.records:
        records.traffic.record(VERSION, Outcome.OK, 0.001)
        records.traffic.scores(VERSION, np.array([1.0, 2.0]))
    office.records[0].traffic.record(VersionId("m", 2), Outcome.FAILED, 0.001)
    name, found = office.sums[1].traffic("m")
    assert name == "replica"
    assert {version: (one.ok, one.failed, sum(one.latency)) for version, one in found.items()} == {
        1: (3, 0, 3),
        2: (0, 1, 0),
    }
    assert sum(found[1].scores.buckets.values()) == 6


def test_traffic_has_another_name_once_counts_have_gone() -> None:
    office = Office(1)
    office.epoch = 2
    assert office.sums[0].traffic("m") == ("replica-2", {})


def test_what_is_no_record_is_not_added() -> None:
    with pytest.raises(TypeError, match="int: expected a record"):
        added(1, 2)


def test_a_record_is_added_without_being_changed() -> None:
    one, other = VersionStatistics(inferences=1), VersionStatistics(inferences=2)
    assert added(one, other).inferences == 3
    assert (one.inferences, other.inferences) == (1, 2)
