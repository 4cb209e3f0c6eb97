"""What a real server exports: the catalogue, the whole catalogue, and nothing but the catalogue."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import grpc
import pytest
from prometheus_client.core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_classic

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf.registry.v1.registry_pb2_grpc import RegistryServiceStub
from hotshelf_server.observability.catalogue import CATALOGUE, TRITON_METRICS, WORKER_METRICS, Kind, MetricSpec
from hotshelf_store import Store
from tests.fakes.bundles import publish_lightgbm
from tests.integration.conftest import Running, Serve, wait_until
from tests.integration.metrics.conftest import OPENMETRICS, SPAN, TRACE, scrape
from tests.integration.protocol.speaking import ask, metric

MADE = ("le", "quantile")
"""Labels that the formats add."""


def families(running: Running) -> Mapping[str, Metric]:
    """By name, as OpenMetrics has it."""
    found = parse_openmetrics(scrape(running, OPENMETRICS)[1])  # type: ignore[no-untyped-call]  # prometheus_client types its core alone
    return {one.name: one for one in found}


def assert_exactly(found: Mapping[str, Metric], wanted: Iterable[MetricSpec]) -> None:
    specs = {spec.name: spec for spec in wanted}
    absent = specs.keys() - found.keys()
    if not sys.platform.startswith("linux"):
        absent = {name for name in absent if not name.startswith("process_")}
    assert (found.keys() - specs.keys(), absent) == (set(), set())
    for name, one in found.items():
        assert one.type == specs[name].kind.value, name
        for sample in one.samples:
            assert sample.labels.keys() - set(MADE) == set(specs[name].labels), name


def test_a_server_exports_the_catalogue_and_nothing_else(called: Running) -> None:
    assert_exactly(families(called), [spec for spec in CATALOGUE if spec not in (*TRITON_METRICS, *WORKER_METRICS)])


def test_triton_s_metrics_are_exported_when_they_are_asked_for(serve: Serve, store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "toy")
    running = serve(triton_metrics=True)
    assert_exactly(families(running), [spec for spec in CATALOGUE if spec not in WORKER_METRICS])
    with grpc.insecure_channel(running.address) as channel, pytest.raises(grpc.RpcError):
        GRPCInferenceServiceStub(channel).ModelInfer(ask("toy"))
    failed = families(running)["nv_inference_request_failure"].samples
    assert [(one.labels["model"], one.labels["reason"], one.value) for one in failed] == [("toy", "OTHER", 1)]


def test_the_format_is_what_the_scraper_asks_for(called: Running) -> None:
    kind, text = scrape(called, OPENMETRICS)
    assert kind.startswith("application/openmetrics-text")
    assert text.endswith("# EOF\n")
    kind, text = scrape(called)
    assert kind.startswith("text/plain")
    assert TRACE not in text
    assert {one.name for one in parse_classic(text)} >= {
        spec.name for spec in CATALOGUE if spec.kind is Kind.HISTOGRAM and spec not in TRITON_METRICS
    }


def test_a_call_s_trace_is_the_exemplar_of_its_bucket(called: Running) -> None:
    found = [one.exemplar for one in families(called)["hotshelf_call_duration_seconds"].samples if one.exemplar]
    assert found
    assert all(one.labels == {"trace_id": TRACE, "span_id": SPAN} for one in found)


def test_calls_are_told_apart_by_model_version_method_and_code(called: Running) -> None:
    def calls(**labels: str) -> float:
        return metric(called, "hotshelf_calls_total", method="ModelInfer", **labels)

    assert calls(model="toy", version="1", code="OK") == 2
    assert calls(model="toy", version="1", code="INVALID_ARGUMENT") == 1
    assert calls(model="toy", version="", code="NOT_FOUND") == 1
    assert calls(model="", version="", code="NOT_FOUND") == 1
    for stage in ("queue", "compute"):
        assert metric(called, f"hotshelf_{stage}_duration_seconds_count", model="toy", version="1") == 2
    assert metric(called, "hotshelf_batch_rows_sum", model="toy", version="1") == 4


def test_names_that_nobody_serves_never_become_labels(called: Running) -> None:
    assert "nobody" not in scrape(called)[1].lower()


def test_every_method_label_is_an_rpc_that_is_served(called: Running, tmp_path: Path) -> None:
    stubs = (GRPCInferenceServiceStub, RegistryServiceStub)
    with grpc.insecure_channel(called.address) as channel:
        stub = GRPCInferenceServiceStub(channel)
        stub.ModelReady(pb.ModelReadyRequest(name="toy"))
        stub.RepositoryIndex(pb.RepositoryIndexRequest())
        served = {name for kind in stubs for name in vars(kind(channel))} | {"Recommend"}
    labels = {one.labels["method"] for one in families(called)["hotshelf_calls"].samples}
    assert {"ModelReady", "RepositoryIndex", "ModelInfer"} <= labels <= served


def test_a_version_with_wrong_golden_answers_holds_up_convergence_and_says_so(called: Running) -> None:
    assert metric(called, "hotshelf_version_golden_failures_total", model="toy", version="2") >= 1
    assert metric(called, "hotshelf_version_state", model="toy", version="2", state="failed") == 1
    assert metric(called, "hotshelf_convergence_age_seconds", model="toy") > 0
    assert metric(called, "hotshelf_alias_info", model="toy", alias="candidate", version="2") == 1
    assert metric(called, "hotshelf_route_weight", model="toy", alias="candidate", version="2") == 0


def test_convergence_ends_when_the_newest_revision_is_applied(serve: Serve, store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "one")
    running = serve()
    assert metric(running, "hotshelf_convergence_age_seconds", model="toy") == 0
    version = publish_lightgbm(store, tmp_path / "two", trees=5)
    newest = store.newest_aliases("toy")
    wait_until(lambda: metric(running, "hotshelf_alias_revision", model="toy") == newest)
    wait_until(lambda: metric(running, "hotshelf_convergence_age_seconds", model="toy") == 0)
    assert metric(running, "hotshelf_route_weight", model="toy", alias="champion", version=str(version)) == 100
    assert metric(running, "hotshelf_store_read_timestamp_seconds") > 1e9
