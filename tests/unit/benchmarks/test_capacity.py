"""The capacity of a fleet is a sum that anyone can redo, and the page shows it of the figures that are kept."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from tests.benchmarks.scaling.capacity import FIGURES, MEANING, Assumptions, fleet, page
from tests.benchmarks.scaling.figures import Cost, Figures, Replica, Throughput, read

COST = Cost("model", 100.0, 150.0, 200.0, 300.0, 200.0)
MEASURED = Figures([COST], [Throughput(1, 20.0, 900.0, 400.0)], Replica(80.0, 1.0, 3.0, 2.0, 20, 150))


def test_replicas_follow_from_rate_cost_and_utilisation() -> None:
    found = fleet(1e5, COST, MEASURED, Assumptions(utilisation=0.5))
    assert found.replicas == 20  # 10 cores, each half used
    assert fleet(1e5, replace(COST, server_us=200.0), MEASURED, Assumptions(utilisation=0.5)).replicas == 40
    assert fleet(1.0, COST, MEASURED, Assumptions()).replicas == 2


def test_what_comes_with_replicas_and_callers_is_counted() -> None:
    found = fleet(1e5, COST, MEASURED, Assumptions(models=10, versions_each=2, caller_rate=200, look_seconds=5))
    assert found.callers == 500
    assert found.connections == 500 * 20
    assert found.dns_rate == 100
    assert found.caller_cores == pytest.approx(20)
    assert found.network_mbit == pytest.approx(400)
    assert found.store_reads == 20 * 31 * 2
    assert found.rollout_gb == pytest.approx(20 * 0.01 * 2)
    assert found.series == 20 * (20 + 10 * 2 * 150)


def test_figures_are_kept_in_four_digits(tmp_path: Path) -> None:
    precise = replace(MEASURED, costs=[replace(COST, server_us=123.456)])
    precise.write(tmp_path / "figures.json")
    assert read(tmp_path / "figures.json") == replace(MEASURED, costs=[replace(COST, server_us=123.5)])


def test_every_assumption_is_explained() -> None:
    assert list(MEANING) == [one.name for one in fields(Assumptions)]


def test_page_shows_the_kept_figures() -> None:
    text = FIGURES.with_suffix(".md").read_text()
    assert page(text, read(FIGURES)) == text


def test_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="expected <!-- begin measured -->"):
        page("no marks", MEASURED)
