"""Numbers that are said in two places fit together."""

import argparse
from pathlib import Path

import pytest

from hotshelf_server import lifecycle
from hotshelf_server.settings import Settings
from hotshelf_trainer.jobs import serving
from tests.integration.k8s.kustomize import K8S, OVERLAYS, render, render_overlay, render_with
from tests.integration.k8s.objects import Manifest, Manifests, find, pod_of
from tests.integration.k8s.rules.housekeeping import amount
from tests.integration.k8s.settings import parsed, settings

MARGIN = 10.0
"""Seconds to spare for unloading, and for a node that is slow."""
DNS = 30.0
"""gRPC resolves a name anew at most this often (grpc.dns_min_time_between_resolutions_ms, 30,000 by default)."""
OWN = 512 << 20
"""Bytes that a server or trainer itself may take."""


@pytest.fixture(scope="module")
def base() -> Manifests:
    return render(K8S / "base")


@pytest.fixture(scope="module", params=OVERLAYS)
def overlay(request: pytest.FixtureRequest) -> Manifests:
    return render_overlay(request.param)


@pytest.fixture(scope="module")
def told(base: Manifests, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings(base, pod_of(base, "Deployment", "hotshelf-server"), tmp_path_factory.mktemp("told"))


@pytest.mark.parametrize("name", ["hotshelf-server", "hotshelf-registry"])
def test_a_stop_fits_into_the_grace_period(overlay: Manifests, name: str, tmp_path: Path) -> None:
    pod = pod_of(overlay, "Deployment", name)
    told = settings(overlay, pod, tmp_path)
    (container,) = pod.containers
    before = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    rest = lifecycle.REFUSE_SECONDS + lifecycle.STREAM_SECONDS + lifecycle.FLUSH_SECONDS
    stop = before + told.drain_delay + told.drain_seconds + rest
    assert stop + MARGIN <= pod.spec["terminationGracePeriodSeconds"]


def test_running_calls_outlast_neither_a_drain_nor_a_renewed_connection(told: Settings) -> None:
    assert told.call_seconds <= told.drain_seconds
    assert told.call_seconds <= told.max_connection_age_grace
    assert told.max_connection_age > 0


def test_replicas_stay_until_clients_have_come_to_new_ones(told: Settings, tmp_path: Path) -> None:
    hpa = find(render_with(tmp_path, "autoscaling-hpa"), "HorizontalPodAutoscaler", "hotshelf-server")
    assert hpa is not None
    window = hpa["spec"]["behavior"]["scaleDown"]["stabilizationWindowSeconds"]
    assert window >= told.max_connection_age * 1.1 + DNS


def test_a_trial_hits_its_own_limit_before_that_of_the_container(base: Manifests, told: Settings) -> None:
    (container,) = pod_of(base, "Deployment", "hotshelf-server").containers
    assert told.max_loaded_bytes is not None
    swapped = 2 * told.max_loaded_bytes + told.trial_memory_bytes
    assert swapped + OWN <= amount(container["resources"]["limits"]["memory"])


def test_a_roll_out_waits_for_trials(base: Manifests, told: Settings) -> None:
    server = find(base, "Deployment", "hotshelf-server")
    assert server is not None
    assert server["spec"]["progressDeadlineSeconds"] >= 3 * told.trial_seconds


def test_requests_are_below_the_calls_that_compute_at_once(told: Settings, tmp_path: Path) -> None:
    hpa = find(render_with(tmp_path, "autoscaling-hpa"), "HorizontalPodAutoscaler", "hotshelf-server")
    assert hpa is not None
    assert amount(hpa["spec"]["metrics"][0]["pods"]["target"]["averageValue"]) < told.threads


def test_the_trainer_s_stop_fits_into_its_grace_period(base: Manifests) -> None:
    args, pod = _trainer(base)
    defaults = serving.Settings(Path(), Path(), Path())
    stop = args.drain_seconds + defaults.grace_seconds + serving.CALL_GRACE_SECONDS
    assert stop + MARGIN <= pod["terminationGracePeriodSeconds"]


def test_trainings_hit_their_own_limit_before_that_of_the_container(base: Manifests) -> None:
    args, pod = _trainer(base)
    limit = amount(pod["containers"][0]["resources"]["limits"]["memory"])
    assert args.concurrent * (args.limit_mib << 20) + OWN <= limit


def test_the_service_of_envoy_outlasts_its_drain(tmp_path: Path) -> None:
    pod = pod_of(render_with(tmp_path, "envoy"), "Deployment", "hotshelf-envoy")
    (container,) = pod.containers
    drain = float(container["command"][container["command"].index("--drain-time-s") + 1])
    wait = float(container["lifecycle"]["preStop"]["exec"]["command"][-1].rpartition("sleep ")[2])
    assert drain <= wait
    assert wait + MARGIN <= pod.spec["terminationGracePeriodSeconds"]


def _trainer(manifests: Manifests) -> tuple[argparse.Namespace, Manifest]:
    pod = pod_of(manifests, "StatefulSet", "hotshelf-trainer")
    return parsed(pod.containers[0]["args"]), pod.spec
