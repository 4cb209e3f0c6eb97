"""A bar is reached by the ratio of figures, and the verdict tells what limits the comparison."""

from dataclasses import replace

import pytest

from tests.benchmarks.speed.bars import BARS, CPU, P50, Verdict, verdicts
from tests.benchmarks.speed.cells import CELLS
from tests.benchmarks.speed.figures import Figures, Speed, nothing
from tests.unit.benchmarks.speed.kept import FIGURES, MACHINE, OTHER, speed


def of(*speeds: Speed) -> dict[str, Verdict]:
    found = verdicts(replace(nothing(MACHINE), speeds=speeds))
    return {one.claim.partition(": ")[2]: one for one in found}


def test_more_calls_less_time_and_less_processor_are_better() -> None:
    ours = (
        speed("hotshelf-1", "identity-b1-c64", 900.0, cpu_us=50.0),
        speed("hotshelf-1", "identity-b1-c1", 1.0, p50_ms=0.2),
    )
    theirs = (
        speed("grpc-aio", "identity-b1-c64", 300.0, cpu_us=100.0),
        speed("grpc-aio", "identity-b1-c1", 1.0, p50_ms=0.5),
    )
    found = of(*ours, *theirs)
    assert {what: one.ratio for what, one in found.items()} == {
        "calls a second against grpc-aio": pytest.approx(3.0),
        f"{CPU} against grpc-aio": pytest.approx(2.0),
        f"{P50} against grpc-aio": pytest.approx(2.5),
    }
    assert [one.reached for one in found.values()] == [True, False, True]


def test_a_bar_without_both_figures_has_no_verdict() -> None:
    assert of(speed("hotshelf-2", "trees-b1-c64", 900.0)) == {}
    assert of(speed("triton", "trees-b1-c64", 900.0)) == {}


def test_rounds_that_do_not_count_reach_nothing() -> None:
    void = replace(speed("triton", "trees-b1-c64", 0.0), rates=[], void=["refused"])
    assert of(speed("hotshelf-2", "trees-b1-c64", 900.0), void) == {}


def test_a_missing_worker_and_another_run_are_told() -> None:
    found = of(speed("hotshelf-1", "trees-b1-c64", 900.0), speed("triton", "trees-b1-c64", 300.0, run=OTHER))
    assert (
        found["calls a second against triton"].remark
        == "by one process: workers were not measured, not in the same run"
    )
    both = of(
        speed("hotshelf-1", "trees-b1-c64", 900.0),
        speed("hotshelf-2", "trees-b1-c64", 1_200.0),
        speed("triton", "trees-b1-c64", 300.0),
    )
    assert both["calls a second against triton"] == Verdict(
        "trees-b1-c64: calls a second against triton", 4.0, 2.0, 2.5
    )


def test_time_and_memory_have_limits() -> None:
    found = {one.claim: one.reached for one in verdicts(FIGURES)}
    assert found["hotshelf-2, 500 trees: ready in 2 s, limit 2.5 s"]
    assert not found["hotshelf-2, 500 trees: 250 MB (PSS), limit 230 MB"]


def test_an_engine_is_compared_with_the_fastest_way_of_another_at_its_worst_size() -> None:
    found = {one.claim: one.ratio for one in verdicts(FIGURES)}
    assert found["engine trees AVX2, from 32 rows on: rows a second against LightGBM"] == pytest.approx(9.0)
    assert "engine trees AVX2, from 32 rows on: rows a second against onnxruntime" not in found


def test_bars_are_of_cells_that_are_measured() -> None:
    assert {bar.cell for bar in BARS} <= {cell.name for cell in CELLS}


def test_no_figures_no_verdicts() -> None:
    assert list(verdicts(Figures(MACHINE, (), (), (), (), ()))) == []
