"""The component networkpolicy lets those speak who must, and nobody else."""

from pathlib import Path

from tests.integration.k8s.kustomize import render_with
from tests.integration.k8s.objects import Manifests, of_kind, pods
from tests.integration.k8s.reach import ways

PARTS = ("demo", "envoy", "trainer-cron", "dask", "networkpolicy")
SCHEDULER, WORKER = "hotshelf-dask-scheduler", "hotshelf-dask-worker"
DASK = {(one, SCHEDULER, port) for one in ("hotshelf-train", SCHEDULER, WORKER) for port in ("scheduler", "dashboard")}
CALLERS = ("hotshelf-envoy", "hotshelf-registry", "hotshelf-trainer", "hotshelf-demo-load")


def test_pods_reach_what_they_need_and_nothing_else(tmp_path: Path) -> None:
    manifests = render_with(tmp_path, *PARTS)
    assert ways(manifests) == DASK | {(caller, "hotshelf-server", "grpc") for caller in CALLERS}


def test_without_policies_all_reach_all(tmp_path: Path) -> None:
    manifests = [one for one in render_with(tmp_path, *PARTS) if one["kind"] != "NetworkPolicy"]
    ports = sum(len({port for port in pod.ports if isinstance(port, str)}) for pod in pods(manifests))
    assert len(ways(manifests)) == ports * len(list(pods(manifests)))


def test_every_pod_is_denied_what_isn_t_allowed(tmp_path: Path) -> None:
    manifests = render_with(tmp_path, *PARTS)
    only_denied = [
        one for one in manifests if one["kind"] != "NetworkPolicy" or one["metadata"]["name"] == "hotshelf-deny"
    ]
    assert ways(only_denied) == set()


def test_callers_are_chosen_by_their_namespace_and_prometheus_too(tmp_path: Path) -> None:
    manifests = render_with(tmp_path, *PARTS)
    assert _namespaces(manifests, "grpc") == [{"hotshelf-caller": "true"}]
    assert _namespaces(manifests, "metrics") == [{"kubernetes.io/metadata.name": "monitoring"}]


def _namespaces(manifests: Manifests, port: str) -> list[dict[str, str]]:
    return [
        peer["namespaceSelector"]["matchLabels"]
        for policy in of_kind(manifests, "NetworkPolicy")
        for rule in policy["spec"].get("ingress", ())
        if port in [one["port"] for one in rule.get("ports", ())]
        for peer in rule["from"]
        if "namespaceSelector" in peer
    ]
