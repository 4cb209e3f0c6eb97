"""The fastest engine at each size is chosen, of those whose answers are equal to the last bit."""

import logging
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from hotshelf_server.core.engines import SIZES, Choice
from hotshelf_server.core.errors import InvalidInput, ModelFault
from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.engines.measuring import Race
from hotshelf_server.runtimes.engines.stopwatch import MOST_CALLS, SLICE_SECONDS, OutOfTime, Stopwatch
from tests.fakes.choosing import FakeChoosing, Otherwise

BATCHES = {rows: {"x": np.ones((rows, 2))} for rows in SIZES}


def slow(rows: int) -> float:
    return 100e-6 + rows * 1e-6


def steady(rows: int) -> float:
    """Quicker than `slow` for few rows, slower for many."""
    return 10e-6 + rows * 5e-6


def quick(rows: int) -> float:
    """Quicker than both at every size."""
    return rows * 0.5e-6


def next_larger(right: Array) -> Array:
    found: Array = np.nextafter(right, np.inf)
    return found


def off(by: float) -> Callable[[Array], Array]:
    return lambda right: right * (1 + by)


def chosen(servable: FakeChoosing, budget: float = 1.0) -> Choice:
    return Race(lambda: servable, BATCHES, Stopwatch(lambda: None, lambda: servable.now, budget)).run()


def test_each_size_has_its_fastest_engine() -> None:
    choice = chosen(FakeChoosing({"ours": steady, "library": slow}))
    assert choice.engines == ("ours", "ours", "library", "library")
    assert choice.how == "measured"
    assert choice.seconds["ours"] == pytest.approx([steady(rows) / rows for rows in SIZES])
    assert choice.seconds["library"] == pytest.approx([slow(rows) / rows for rows in SIZES])
    assert choice.dropped == ()


@pytest.mark.parametrize("default", ["ours", "library"])
def test_what_is_as_quick_changes_nothing(default: str) -> None:
    servable = FakeChoosing({"ours": slow, "library": lambda rows: 0.95 * slow(rows)}, default=default)
    assert chosen(servable).engines == (default,) * len(SIZES)


@pytest.mark.parametrize("otherwise", [next_larger, ModelFault("broken")], ids=["other answers", "an error"])
@pytest.mark.parametrize("tolerance", [None, 0.0])
def test_an_engine_that_answers_otherwise_is_dropped_though_it_is_faster(
    otherwise: Otherwise, tolerance: float | None
) -> None:
    costs = {"ours": steady, "middle": slow, "library": slow}
    choice = chosen(FakeChoosing(costs, {"ours": otherwise}, tolerance=tolerance))
    assert choice.engines == ("library",) * len(SIZES)
    assert choice.dropped == ("ours",)
    assert set(choice.seconds) == {"middle", "library"}


@pytest.mark.parametrize(("difference", "engine"), [(1e-9, "near"), (1e-7, "ours")])
def test_an_engine_within_the_tolerance_computes_and_its_difference_is_told(difference: float, engine: str) -> None:
    costs = {"ours": steady, "near": quick, "library": steady}
    choice = chosen(FakeChoosing(costs, {"near": off(difference)}, tolerance=1e-8))
    assert choice.engines == (engine,) * len(SIZES)
    assert dict(choice.differences) == ({"near": pytest.approx(1e-9, rel=1e-6)} if engine == "near" else {})
    assert choice.dropped == (() if engine == "near" else ("near",))


def test_an_inexact_engine_that_is_not_faster_at_every_size_computes_at_none() -> None:
    costs = {"near": steady, "library": slow}
    choice = chosen(FakeChoosing(costs, {"near": next_larger}, default="library", tolerance=1e-8))
    assert choice.engines == ("library",) * len(SIZES)
    assert set(choice.differences) == {"near"}
    assert set(choice.seconds) == {"near", "library"}


def test_an_engine_equal_to_the_last_bit_is_no_inexact_one_whatever_the_tolerance() -> None:
    choice = chosen(FakeChoosing({"ours": steady, "library": slow}, tolerance=1e-8))
    assert choice.engines == ("ours", "ours", "library", "library")
    assert not choice.differences


def test_an_inexact_engine_whose_answers_depend_on_the_batch_is_dropped() -> None:
    def by_batch(right: Array) -> Array:
        found: Array = right * (1 + 1e-9 * (len(right) > 8))
        return found

    choice = chosen(FakeChoosing({"near": quick, "library": slow}, {"near": by_batch}, tolerance=1e-8))
    assert choice.dropped == ("near",)


@pytest.mark.parametrize(("found", "tolerance", "used"), [(1e-9, 1e-8, True), (1e-7, 1e-8, False), (1e-9, None, False)])
def test_what_its_own_proof_found_counts_though_golden_rows_show_no_difference(
    found: float, tolerance: float | None, used: bool
) -> None:
    costs = {"near": steady, "library": slow}
    choice = chosen(FakeChoosing(costs, default="library", tolerance=tolerance, proofs={"near": found}))
    assert choice.engines == ("library",) * len(SIZES)
    assert dict(choice.differences) == ({"near": found} if used else {})
    assert choice.dropped == (() if used else ("near",))


def test_an_engine_that_can_not_be_made_ready_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    costs = {"ours": steady, "large": quick, "library": slow}
    with caplog.at_level(logging.INFO):
        choice = chosen(FakeChoosing(costs, proofs={"large": ModelFault("too large")}))
    assert set(choice.seconds) == {"ours", "library"}
    assert choice.dropped == ()
    assert "engine large is left out: too large" in caplog.text


def test_an_inexact_engine_that_was_not_measured_in_time_computes_at_no_size() -> None:
    costs = {"near": lambda rows: rows * 1e-4, "library": lambda rows: rows * 1e-3}
    servable = FakeChoosing(costs, {"near": next_larger}, default="library", tolerance=1e-8)
    assert chosen(servable, budget=sum(SIZES) * 1.1e-3 + 0.005).engines == ("library",) * len(SIZES)


def test_where_the_library_refuses_the_rows_nothing_is_chosen() -> None:
    with pytest.raises(InvalidInput):
        chosen(FakeChoosing({"ours": steady, "library": slow}, {"library": InvalidInput("no such rows")}))


def test_what_was_not_measured_in_time_stays_as_it_is() -> None:
    servable = FakeChoosing({"ours": lambda rows: rows * 1e-3, "library": lambda rows: rows * 1e-4})
    choice = chosen(servable, budget=sum(SIZES) * 1.1e-3 + 0.005)
    assert choice.engines == ("library", "ours", "ours", "ours")
    assert servable.now < sum(SIZES) * 1.1e-3 + 0.005 + SIZES[-1] * 1e-3


def test_a_hopeless_engine_is_timed_once() -> None:
    servable = FakeChoosing({"ours": slow, "library": lambda rows: 20 * slow(rows)})
    chosen(servable)
    calls: Mapping[str, int] = {
        name: sum(engine == name and rows == 512 for engine, rows in servable.calls) for name in servable.candidates
    }
    assert calls["library"] == 2
    assert calls["ours"] > calls["library"]


class Bench:
    """Work that takes so long, on a clock of its own."""

    def __init__(self, *seconds: float) -> None:
        self.seconds = seconds
        self.now = 0.0
        self.calls = 0
        self.pauses = 0

    def pause(self) -> None:
        self.pauses += 1
        self.now += 100

    def work(self) -> None:
        self.now += self.seconds[min(self.calls, len(self.seconds) - 1)]
        self.calls += 1


def test_a_slice_is_its_least_call_and_pauses_cost_nothing() -> None:
    bench = Bench(3e-4, 1e-4, 2e-4)
    assert Stopwatch(bench.pause, lambda: bench.now).least(bench.work) == pytest.approx(1e-4)
    assert (bench.calls, bench.pauses) == (3, 1)
    assert sum(bench.seconds) >= SLICE_SECONDS


def test_a_slice_of_short_calls_is_bounded() -> None:
    bench = Bench(1e-9)
    Stopwatch(bench.pause, lambda: bench.now).least(bench.work)
    assert bench.calls == MOST_CALLS


def test_the_budget_ends_with_the_slice_that_spends_it() -> None:
    bench = Bench(0.6)
    stopwatch = Stopwatch(bench.pause, lambda: bench.now, budget=1.0)
    stopwatch.least(bench.work)
    stopwatch.least(bench.work)
    with pytest.raises(OutOfTime):
        stopwatch.least(bench.work)
