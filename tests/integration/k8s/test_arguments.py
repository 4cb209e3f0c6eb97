"""Containers are started with what the commands understand."""

import importlib
from importlib.metadata import version
from pathlib import Path

import pytest

from hotshelf_server.models.sources import Control
from hotshelf_trainer.recipes import RecommendationRecipe, read
from tests.integration.k8s.kustomize import COMPONENTS, K8S, OVERLAYS, render, render_overlay, render_with
from tests.integration.k8s.objects import Manifests, Pod, named, pod_of, pods
from tests.integration.k8s.settings import ours, parsed, settings

SERVERS = ("hotshelf-server", "hotshelf-registry")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Manifests:
    last = ["dask", "pvc-store"]
    chosen = [name for name in COMPONENTS if name not in ("autoscaling-hpa", *last)]
    return render_with(tmp_path_factory.mktemp("everything"), *chosen, *last)


def test_the_command_takes_every_container_s_arguments(everything: Manifests) -> None:
    for _, container in ours(everything):
        parsed(container["args"])
    started = {container["args"][0] for _, container in ours(everything)}
    assert started == {"serve", "trainer", "train", "data"}


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_server_takes_its_settings(overlay: str, name: str, tmp_path: Path) -> None:
    manifests = render_overlay(overlay)
    told = settings(manifests, pod_of(manifests, "Deployment", name), tmp_path)
    assert told.store == Path("/store")
    assert told.registry_writes == (name == "hotshelf-registry")
    assert told.required_models == (("shop",) if (overlay, name) == ("production", "hotshelf-server") else ())


def test_ports_are_those_that_the_commands_listen_on(everything: Manifests) -> None:
    for pod, container in ours(everything):
        args = parsed(container["args"])
        ports = {port["name"]: port["containerPort"] for port in container.get("ports", ())}
        if container["args"][0] == "serve":
            assert ports.pop("h2c", None) or ports == {"grpc": 8500, "metrics": 8501}, pod.where
        if container["args"][0] == "trainer":
            assert ports == {"grpc": args.port, "metrics": args.metrics_port}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_is_published_outlives_the_pods(overlay: str) -> None:
    kept = {pod.where: volume for pod in pods(render_overlay(overlay)) if (volume := pod.volume("store"))}
    assert kept
    assert [where for where, volume in kept.items() if "persistentVolumeClaim" not in volume] == []


def test_staging_rehearses_what_production_has() -> None:
    parts = [
        {named(one) for one in render_overlay(name) if one["kind"] != "ConfigMap"} for name in ("staging", "production")
    ]
    assert parts[0] == parts[1]


def test_with_tracing_spans_go_to_the_collector(everything: Manifests, tmp_path: Path) -> None:
    told = settings(everything, pod_of(everything, "Deployment", "hotshelf-server"), tmp_path)
    assert told.tracing_endpoint == "http://collector.monitoring.svc:4317"


def test_the_registry_loads_nothing(everything: Manifests, tmp_path: Path) -> None:
    registry = pod_of(everything, "Deployment", "hotshelf-registry")
    assert settings(everything, registry, tmp_path).model_control is Control.EXPLICIT


def test_only_who_writes_to_the_store_may(everything: Manifests) -> None:
    writing = {pod.where for pod in pods(everything) if _writes(pod)}
    assert writing == {
        "Deployment hotshelf-registry",
        "StatefulSet hotshelf-trainer",
        "CronJob hotshelf-train",
        "Job hotshelf-demo",
    }


def _writes(pod: Pod) -> bool:
    mounts = [mount for container in pod.containers for mount in container.get("volumeMounts", ())]
    return any(mount["name"] == "store" and not mount.get("readOnly") for mount in mounts)


@pytest.mark.parametrize("component", ["trainer-cron", "demo"])
def test_recipes_are_read_by_the_trainer(component: str) -> None:
    recipe = read(K8S / "components" / component / "shop.yaml", [])
    assert isinstance(recipe, RecommendationRecipe)
    assert recipe.name == "shop"


@pytest.mark.parametrize(("kind", "module"), [("scheduler", "dask_scheduler"), ("worker", "dask_worker")])
def test_dask_takes_its_arguments(kind: str, module: str, everything: Manifests) -> None:
    (container,) = pod_of(everything, "Deployment", f"hotshelf-dask-{kind}").containers
    dask, which, *rest = container["command"]
    assert (dask, which) == ("dask", kind)
    importlib.import_module(f"distributed.cli.{module}").main.make_context(kind, rest)


def test_with_dask_the_nightly_training_uses_it(everything: Manifests) -> None:
    (container,) = pod_of(everything, "CronJob", "hotshelf-train").containers
    assert parsed(container["args"]).dask == "tcp://hotshelf-dask-scheduler:8786"


def test_images_are_those_of_this_version() -> None:
    images = {container["image"].partition(":")[2] for _, container in ours(render(K8S / "base"))}
    assert images == {version("hotshelf")}
