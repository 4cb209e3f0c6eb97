"""Both autoscalers ask for as many replicas as the calls need, by their own queries on a real Prometheus."""

import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_server.observability.catalogue import CATALOGUE, Kind
from hotshelf_store import open_store
from tests.fakes.bundles import python_bundle
from tests.integration.conftest import Running, serving, wait_until
from tests.integration.k8s.kustomize import render_with
from tests.integration.k8s.objects import Manifest, of_kind
from tests.integration.k8s.prometheus import JOB, NAMESPACE, scraping_pods
from tests.integration.k8s.queries import adapter_rules, metrics, triggers
from tests.integration.metrics.prometheus import Prometheus
from tests.integration.protocol.speaking import ask, metric

CALLERS = 14
SECONDS = 0.05
"""A call of the model, one at a time."""
WAIT = (CALLERS - 1) * SECONDS
"""Each call waits for those before it; longer where the machine is busy."""
PODS = 2
"""Of which one is called, and the other idle."""


@dataclass(frozen=True)
class Scraped:
    """A Prometheus that has scraped both for a while."""

    prometheus: Prometheus
    pods: dict[str, Running]

    def by_pod(self, query: str) -> dict[str, float]:
        """A query's samples; fails unless it has one for each pod."""
        found = self.prometheus.get("query", query=query)["result"]
        assert sorted(one["metric"]["pod"] for one in found) == sorted(self.pods), query
        return {one["metric"]["pod"]: float(one["value"][1]) for one in found}

    def only(self, query: str) -> float:
        """A query's only sample."""
        (found,) = self.prometheus.get("query", query=query)["result"]
        return float(found["value"][1])


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    folder = tmp_path_factory.mktemp("scaled")
    (folder / "store").mkdir()
    store = open_store(folder / "store")
    store.promote(
        "slow",
        store.publish("slow", folder / "slow", python_bundle(folder / "slow", "Unhurried")),
        force=True,
        reason="test",
    )
    with ExitStack() as stack:
        pods = {
            f"server-{number}": stack.enter_context(serving(store=folder / "store", allow_python=["tests.fakes"]))
            for number in range(PODS)
        }
        busy = pods["server-0"]
        stack.enter_context(calling(busy))
        answered = {"method": "ModelInfer", "model": "slow"}
        wait_until(lambda: (metric(busy, "hotshelf_queue_duration_seconds_count", **answered) or 0) > CALLERS)
        prometheus = stack.enter_context(scraping_pods(folder, pods))
        both = Scraped(prometheus, pods)
        wait_until(lambda: prometheus.value("sum(count_over_time(hotshelf_calls_running[1m]))") == 3 * PODS)
        yield both


@contextmanager
def calling(running: Running) -> Iterator[None]:
    """So many callers, each of whom asks again once it has its answer."""
    over = threading.Event()
    with grpc.insecure_channel(running.address) as channel:
        stub = GRPCInferenceServiceStub(channel)

        def ask_again() -> None:
            while not over.is_set():
                stub.ModelInfer(ask("slow"), timeout=60)

        threads = [threading.Thread(target=ask_again) for _ in range(CALLERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()


def test_keda_s_calls_in_flight(scraped: Scraped, tmp_path: Path) -> None:
    trigger = triggers(render_with(tmp_path, "autoscaling-keda"))["calls-running"]
    value = scraped.only(trigger.query)
    assert value == pytest.approx(CALLERS, abs=1)
    assert trigger.wanted(PODS, value) == 3  # 14 calls, 6 a pod


def test_the_adapter_s_calls_in_flight(scraped: Scraped, tmp_path: Path) -> None:
    told = metrics(render_with(tmp_path, "autoscaling-hpa"), scraped.pods, NAMESPACE)["average_hotshelf_calls_running"]
    by_pod = scraped.by_pod(told.query)
    assert by_pod == {"server-0": pytest.approx(CALLERS, abs=1), "server-1": 0}
    assert told.wanted(by_pod) == 3


def test_keda_s_time_in_the_queue(scraped: Scraped, tmp_path: Path) -> None:
    trigger = triggers(render_with(tmp_path, "autoscaling-keda"))["queue-seconds"]
    value = scraped.only(trigger.query)
    assert WAIT * 0.7 <= value <= WAIT * 10
    assert trigger.wanted(PODS, value) == pytest.approx(PODS * value / 0.005, abs=1)


def test_the_adapter_s_time_in_the_queue(scraped: Scraped, tmp_path: Path) -> None:
    told = metrics(render_with(tmp_path, "autoscaling-hpa"), scraped.pods, NAMESPACE)["average_hotshelf_queue_seconds"]
    by_pod = scraped.by_pod(told.query)
    assert WAIT * 0.7 <= by_pod["server-0"] <= WAIT * 10
    assert by_pod["server-1"] == 0
    assert told.wanted(by_pod) == pytest.approx(by_pod["server-0"] / 0.005, abs=1)


def test_the_adapter_finds_the_series_of_each_pod(scraped: Scraped) -> None:
    for rule in adapter_rules():
        assert set(scraped.by_pod(rule["seriesQuery"])) == set(scraped.pods)


def test_both_say_the_same_numbers(tmp_path: Path) -> None:
    (keda,) = of_kind(keda_manifests := render_with(tmp_path, "autoscaling-keda"), "ScaledObject")
    (hpa,) = of_kind(hpa_manifests := render_with(tmp_path, "autoscaling-hpa"), "HorizontalPodAutoscaler")
    by_keda = [trigger.target for trigger in triggers(keda_manifests).values()]
    assert by_keda == [one.target for one in metrics(hpa_manifests, {}, NAMESPACE).values()]
    assert _bounds(keda["spec"]) == _bounds(hpa["spec"])


def _bounds(spec: Manifest) -> tuple[int, int, Manifest]:
    if "advanced" in spec:
        behaviour = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
        return spec["minReplicaCount"], spec["maxReplicaCount"], behaviour
    return spec["minReplicas"], spec["maxReplicas"], spec["behavior"]


def test_every_metric_is_in_the_catalogue(tmp_path: Path) -> None:
    suffixes = {Kind.HISTOGRAM: ("_bucket", "_sum", "_count")}
    known = {one.name + suffix for one in CATALOGUE for suffix in suffixes.get(one.kind, ("",))}
    asked = [rule[key] for rule in adapter_rules() for key in ("seriesQuery", "metricsQuery")]
    asked += [trigger.query for trigger in triggers(render_with(tmp_path, "autoscaling-keda")).values()]
    named = {name for query in asked for name in re.findall(r"\b(?:hotshelf|nv)_\w+", query)}
    assert named
    assert named <= known


def test_servers_are_scraped_by_the_name_that_the_queries_ask_for(tmp_path: Path) -> None:
    monitors = of_kind(render_with(tmp_path, "monitoring"), "PodMonitor")
    (monitor,) = [one for one in monitors if one["metadata"]["name"] == "hotshelf-server"]
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    jobs = [one["replacement"] for one in endpoint["relabelings"] if one["targetLabel"] == "job"]
    queries = [trigger.query for trigger in triggers(render_with(tmp_path, "autoscaling-keda")).values()]
    queries += [rule["seriesQuery"] for rule in adapter_rules()]
    assert {job for query in queries for job in re.findall(r'job="([^"]*)"', query)} == {JOB} == set(jobs)
