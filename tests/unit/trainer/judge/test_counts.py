"""A window holds what was counted since it was opened, whatever replicas come and go."""

from hotshelf_trainer.judge.counts import Counts, Window
from tests.unit.trainer.judge.fleet import FakeFleet, counts


def test_what_was_counted_before_the_first_look_does_not_belong_to_the_window() -> None:
    fleet, window = FakeFleet("a", "b"), Window()
    fleet.serve("a", 1, counts(ok=900, failed=90))
    window.add(fleet.look().replicas)
    assert window.counts(1) == Counts()
    fleet.serve("a", 1, counts(ok=10, failed=1))
    fleet.serve("b", 1, counts(ok=5))
    fleet.serve("b", 2, counts(ok=3))
    window.add(fleet.look().replicas)
    assert (window.counts(1).ok, window.counts(1).failed, window.counts(2).ok) == (15, 1, 3)
    assert sum(window.counts(1).latency.values()) == sum(window.counts(1).scores.values()) == 15


def test_a_replica_that_restarts_takes_nothing_away() -> None:
    fleet, window = FakeFleet("a"), Window()
    window.add(fleet.look().replicas)
    fleet.serve("a", 1, counts(ok=100))
    window.add(fleet.look().replicas)
    fleet.restart("a", "a2")
    fleet.serve("a2", 1, counts(ok=7))
    window.add(fleet.look().replicas)
    fleet.serve("a2", 1, counts(ok=20))
    window.add(fleet.look().replicas)
    assert window.counts(1).ok == 120


def test_a_replica_that_forgot_a_version_counts_it_anew() -> None:
    fleet, window = FakeFleet("a"), Window()
    fleet.serve("a", 1, counts(ok=100))
    window.add(fleet.look().replicas)
    fleet.replicas["a"] = {1: counts(ok=7)}
    window.add(fleet.look().replicas)
    assert window.counts(1).ok == 7


def test_a_replica_that_was_silent_for_a_while_is_counted_on_from_where_it_comes_back() -> None:
    fleet, window = FakeFleet("a", "b"), Window()
    window.add(fleet.look().replicas)
    fleet.silent["a"] = "UNAVAILABLE"
    fleet.serve("a", 1, counts(ok=100))
    window.add(fleet.look().replicas)
    fleet.silent.clear()
    window.add(fleet.look().replicas)
    fleet.serve("a", 1, counts(ok=5))
    window.add(fleet.look().replicas)
    assert window.counts(1).ok == 5
