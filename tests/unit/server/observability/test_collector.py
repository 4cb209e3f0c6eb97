"""A scrape gives what the catalogue names, and nothing else."""

from collections.abc import Iterator, Mapping
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics

from hotshelf_server.core.engines import Choice
from hotshelf_server.core.errors import Refusal
from hotshelf_server.core.recommendation import Fallback, Reason, Recommendation, Recommendations, Source
from hotshelf_server.core.types import Times, VersionId
from hotshelf_server.observability.catalogue import (
    CALL_METRICS,
    DATA_METRICS,
    MODEL_METRICS,
    TRITON_METRICS,
    MetricSpec,
)
from hotshelf_server.observability.catalogue.calls import CALLS, ROW_BUCKETS
from hotshelf_server.observability.collector import ServerCollector, batch_rows
from hotshelf_server.observability.families import family, histogram_family
from hotshelf_server.observability.histogram import Exemplar, Histogram
from hotshelf_server.observability.records import Records
from hotshelf_server.observability.retention import RETENTION_SECONDS
from hotshelf_server.observability.sample import AliasSample, Sample, VersionSample
from hotshelf_server.observability.shadow import ShadowOutcome
from hotshelf_server.observability.statistics import Statistics
from hotshelf_server.observability.traffic import Outcome
from hotshelf_store.profile import ColumnProfile, Profile
from tests.fakes.clock import FakeClock

ONE, TWO = VersionId("m", 1), VersionId("m", 2)
ASKED, ROUTES = {"champion": {2: 100}}, {"champion": {1: 100}}


@pytest.fixture
def records() -> Records:
    """One call of everything that is counted."""
    records = Records()
    times = Times(queue=0.1, compute=0.2, total=0.3)
    place = records.calls.record(("ModelInfer", "m", 1), "OK", 0.3, times, 0.0)
    assert place is not None
    place.histogram.exemplars[place.bucket] = Exemplar("ab" * 16, "cd" * 8, 0.3, 1_000.5)
    records.calls.record(("ModelInfer", "m", 1), "RESOURCE_EXHAUSTED", 0.0, None, 0.0)
    records.calls.refused("ModelInfer", "m", Refusal.QUEUE_FULL)
    records.statistics.executed(ONE, 3, times)
    records.statistics.answered(ONE, 3, times, 0.0)
    records.shadows.add(TWO, ShadowOutcome.SAME)
    item = Recommendation("p", 1.5, Reason(Source.POPULAR, "popular"))
    records.recommendations.add(ONE, Recommendations((item,), Fallback.NONE, 0.0), 0.0)
    records.values.offer(ONE, {"size": np.linspace(0, 1, 16)}, {"p": np.zeros(1)})
    for _ in range(15):
        records.values.offer(ONE, {"size": np.linspace(0, 1, 16)}, {})
    return records


PROFILE = Profile({"size": ColumnProfile("number", 100, (0.5,), {"0": 0.5, "1": 0.5}, ())})

SECONDS = {"a": (1.0, 2.0, 3.0, float("inf")), "b": (4.0, 3.0, 2.0, 1.0)}
CHOICE = Choice(("a", "a", "b", "b"), "measured", SECONDS, differences={"b": 1e-9})


def sample() -> Sample:
    return Sample(
        ready=True,
        running=3,
        limit=8,
        streams=1,
        waiting={ONE: 2, VersionId("n", 1): 1},
        store_errors=4,
        store_read=999.0,
        parked=5,
        canaries={("m", "promoted"): 1},
        versions=[
            VersionSample(ONE, "ready", 0.5, 1024, 0, 0, 900.0, 800.0, PROFILE, CHOICE),
            VersionSample(TWO, "failed", 0.0, 0, 2, 1),
        ],
        aliases={"m": AliasSample(ASKED, ROUTES, 7, 12.5), "folder": AliasSample({}, {}, 0, 0.0)},
    )


def registry_of(records: Records, *, triton: bool = False, clock: FakeClock | None = None) -> CollectorRegistry:
    registry = CollectorRegistry()
    states = ["ready", "failed"]
    registry.register(
        ServerCollector(records, sample, clock or FakeClock(), version="1.2", states=states, triton=triton)
    )
    return registry


def openmetrics_of(registry: CollectorRegistry) -> bytes:
    text: bytes = generate_openmetrics(registry)  # type: ignore[no-untyped-call]  # prometheus_client types its core alone
    return text


def parsed(text: bytes) -> Iterator[Metric]:
    yield from parse_openmetrics(text.decode())  # type: ignore[no-untyped-call]  # prometheus_client types its core alone


def scraped(records: Records, *, triton: bool = False) -> Mapping[str, Metric]:
    return {found.name: found for found in registry_of(records, triton=triton).collect()}


def samples(found: Metric) -> Iterator[tuple[tuple[str, ...], float]]:
    return ((tuple(one.labels.values()), one.value) for one in found.samples)


@pytest.mark.parametrize("triton", [False, True])
def test_a_scrape_has_every_metric_of_the_catalogue_with_its_kind_unit_and_labels(
    records: Records, triton: bool
) -> None:
    wanted = {
        spec.name: spec for spec in (*CALL_METRICS, *DATA_METRICS, *MODEL_METRICS, *(TRITON_METRICS if triton else ()))
    }
    found = scraped(records, triton=triton)
    assert found.keys() == wanted.keys()
    for name, spec in wanted.items():
        assert (found[name].type, found[name].documentation) == (spec.kind.value, spec.help)
        labels = {tuple(sorted(one.labels.keys() - {"le"})) for one in found[name].samples}
        assert labels == {tuple(sorted(spec.labels))}, name


def test_queue_and_compute_are_of_answered_calls_alone(records: Records) -> None:
    found = scraped(records)
    counts = {
        name: [one.value for one in found[f"hotshelf_{name}_duration_seconds"].samples if one.name.endswith("_count")]
        for name in ("call", "queue", "compute")
    }
    assert counts == {"call": [2], "queue": [1], "compute": [1]}


def test_states_routes_aliases_and_how_far_they_are_apart_are_told(records: Records) -> None:
    found = scraped(records)
    states = {(labels[1], labels[2]) for labels, value in samples(found["hotshelf_version_state"]) if value}
    assert states == {("1", "ready"), ("2", "failed")}
    assert dict(samples(found["hotshelf_route_weight"])) == {("m", "champion", "1"): 100}
    assert dict(samples(found["hotshelf_alias"])) == {("m", "champion", "2"): 1}
    assert dict(samples(found["hotshelf_alias_revision"])) == {("m",): 7}
    assert dict(samples(found["hotshelf_convergence_age_seconds"])) == {("m",): 12.5}
    assert dict(samples(found["hotshelf_version_golden_failures"])) == {("m", "1"): 0, ("m", "2"): 1}


def test_engines_are_told_by_rows_with_what_was_measured(records: Records) -> None:
    found = scraped(records)
    version = ("m", "1")
    assert dict(samples(found["hotshelf_engine"])) == {
        (*version, rows, engine): 1 for rows, engine in (("1", "a"), ("8", "a"), ("64", "b"), ("512", "b"))
    }
    measured = dict(samples(found["hotshelf_engine_row_seconds"]))
    assert measured[*version, "8", "b"] == 3.0
    assert (*version, "512", "a") not in measured
    assert len(measured) == 7


def test_a_model_that_nobody_waits_for_has_a_queue_of_nought(records: Records) -> None:
    assert dict(samples(scraped(records)["hotshelf_calls_waiting"])) == {("m",): 2, ("folder",): 0, ("n",): 1}


def test_triton_s_names_are_exact_in_both_formats(records: Records) -> None:
    registry = registry_of(records, triton=True)
    for text in (generate_latest(registry), openmetrics_of(registry)):
        lines = text.decode().splitlines()
        assert 'nv_inference_request_success{model="m",version="1"} 1.0' in lines
        assert 'nv_inference_request_failure{model="m",reason="REJECTED",version="1"} 1.0' in lines
        assert 'nv_inference_count{model="m",version="1"} 3.0' in lines
        assert 'nv_inference_compute_infer_duration_us{model="m",version="1"} 200000.0' in lines
        assert 'nv_inference_pending_request_count{model="m",version="1"} 2.0' in lines


def test_exemplars_are_in_openmetrics_and_the_classic_text_has_none(records: Records) -> None:
    registry = registry_of(records)
    (exemplar,) = [one.exemplar for found in parsed(openmetrics_of(registry)) for one in found.samples if one.exemplar]
    assert exemplar.labels == {"trace_id": "ab" * 16, "span_id": "cd" * 8}
    assert (exemplar.value, str(exemplar.timestamp)) == (0.3, "1000.500000000")
    assert b"trace_id" not in generate_latest(registry)


def test_a_scrape_itself_ends_the_series_of_versions_that_have_gone(records: Records) -> None:
    clock = FakeClock()
    gone = VersionId("gone", 1)
    records.statistics.executed(gone, 1, Times())
    records.keep([ONE, TWO], clock.monotonic())
    registry = registry_of(records, clock=clock)
    assert b'model="gone"' in generate_latest(registry)
    clock.advance(RETENTION_SECONDS)
    assert b'model="gone"' not in generate_latest(registry)
    assert b'hotshelf_calls_total{code="OK",method="ModelInfer",model="m",version="1"}' in generate_latest(registry)


def test_a_scrape_takes_nothing_from_a_version_that_it_has_not_heard_of_yet(records: Records) -> None:
    new = VersionId("new", 1)
    records.statistics.executed(new, 1, Times())
    records.traffic.record(new, Outcome.OK, 0.1)
    generate_latest(registry_of(records))
    assert new in records.statistics.snapshot()
    assert records.traffic.snapshot("new")


@given(st.lists(st.integers(1, 10_000), min_size=1))
def test_batches_fall_in_the_buckets_of_their_exact_rows(sizes: list[int]) -> None:
    statistics = Statistics()
    for size in sizes:
        statistics.executed(ONE, size, Times())
    found = batch_rows(statistics.snapshot()[ONE])
    assert list(accumulate(found.counts))[:-1] == [sum(size <= bound for size in sizes) for bound in ROW_BUCKETS]
    assert (sum(found.counts), found.sum) == (len(sizes), sum(sizes))


def test_a_family_refuses_other_labels_than_the_catalogue_says() -> None:
    with pytest.raises(ValueError, match="zip"):
        family(CALLS, [(("ModelInfer", "m"), 1.0)])
    spec = MetricSpec("h", CALLS.kind, "h.", "h.", ("a", "b"), bounds=(1.0,))
    with pytest.raises(ValueError, match="expected"):
        histogram_family(spec, [(("x",), Histogram((1.0,)))])
