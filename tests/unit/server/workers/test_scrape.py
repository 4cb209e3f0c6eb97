"""One answer of several workers' families."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.observability.catalogue import CATALOGUE, Kind, MetricSpec, Over
from hotshelf_server.observability.catalogue.calls import CALL_SECONDS, CALLS, RUNNING
from hotshelf_server.observability.catalogue.models import CANARIES, STATE
from hotshelf_server.observability.families import family, histogram_family
from hotshelf_server.observability.histogram import Exemplar, Histogram
from hotshelf_server.observability.retention import Retention
from hotshelf_server.workers.families import Family, exported, from_plain, read, to_plain, told
from hotshelf_server.workers.scrape import Scrape
from tests.fakes.clock import FakeClock

SERIES = ("ModelInfer", "m", "1")


def counted(calls: float, running: float = 0.0) -> list[Family]:
    return [told(CALLS, {(*SERIES, "OK"): calls}), told(RUNNING, {(): running}), told(STATE, {("m", "1", "ready"): 1})]


def values(scrape: Scrape, *serving: int) -> dict[str, float]:
    found = {one.name: one.series for one in scrape.families(serving.__contains__)}
    return {
        name: number.value for name, series in found.items() for point in series.values() for number in point.values()
    }


def test_counts_stay_and_gauges_go_with_a_worker() -> None:
    scrape = Scrape(FakeClock())
    scrape.heard(1, counted(5, running=2))
    scrape.heard(2, counted(7, running=1))
    assert values(scrape, 1, 2) == {"hotshelf_calls": 12, "hotshelf_calls_running": 3, "hotshelf_version_state": 1}
    scrape.gone(1)
    assert values(scrape, 2) == {"hotshelf_calls": 12, "hotshelf_calls_running": 1, "hotshelf_version_state": 1}


def test_gauges_of_a_worker_that_does_not_serve_yet_are_left_out() -> None:
    scrape = Scrape(FakeClock())
    scrape.heard(1, counted(5, running=2))
    scrape.heard(2, counted(7, running=1))
    assert values(scrape, 1)["hotshelf_calls_running"] == 2


def test_what_a_dead_worker_counted_of_a_version_ends_some_time_after_the_version() -> None:
    clock = FakeClock()
    scrape = Scrape(clock, Retention(60))
    scrape.heard(1, counted(5))
    scrape.heard(2, counted(7))
    scrape.gone(1)
    assert values(scrape, 2)["hotshelf_calls"] == 12
    scrape.heard(2, [])
    clock.advance(30)
    assert values(scrape, 2)["hotshelf_calls"] == 12
    clock.advance(61)
    assert "hotshelf_calls" not in values(scrape, 2)


def test_events_that_all_workers_see_are_told_once() -> None:
    scrape = Scrape(FakeClock())
    for worker in (1, 2):
        scrape.heard(worker, [told(CANARIES, {("m", "promoted"): 3})])
    assert values(scrape, 1, 2) == {"hotshelf_canaries_ended": 3}


@pytest.mark.parametrize("spec", CATALOGUE, ids=lambda spec: str(spec.name))
def test_every_metric_says_what_it_is_over_workers(spec: MetricSpec) -> None:
    expected = spec.over or Over.TOTAL
    assert spec.over_workers is expected
    assert spec.kind in (Kind.GAUGE, Kind.INFO) or spec.over in (None, Over.HIGHEST, Over.COUNTED_ALIKE)


def test_a_gauge_that_does_not_say_what_it_is_over_workers_is_refused() -> None:
    with pytest.raises(ValueError, match="new: a gauge has to say what it is over several workers"):
        MetricSpec("new", Kind.GAUGE, "New.", "None.")


@given(st.dictionaries(st.tuples(st.text(), st.text(), st.text(), st.text()), st.floats(allow_nan=False)))
def test_families_pass_between_processes_unchanged(points: dict[tuple[str, str, str, str], float]) -> None:
    histogram = Histogram(CALL_SECONDS.bounds)
    histogram.exemplars[histogram.add(0.2)] = Exemplar("t", "s", 0.2, 1_000.0)
    metrics = [family(CALLS, points.items()), histogram_family(CALL_SECONDS, [(SERIES, histogram)])]
    families = list(read(metrics))
    assert from_plain(to_plain(families)) == families
    again = [exported(one) for one in families]
    assert [one.samples for one in again] == [one.samples for one in metrics]
