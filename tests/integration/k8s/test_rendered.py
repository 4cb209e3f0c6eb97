"""Every overlay, and every component on its own, makes manifests that schemas and rules find nothing wrong with."""

from pathlib import Path

import pytest

from tests.integration.k8s.kustomize import COMPONENTS, K8S, OVERLAYS, render, render_overlay, render_with
from tests.integration.k8s.objects import Manifests, named
from tests.integration.k8s.rules import faults
from tests.integration.k8s.schemas import core_fault, custom_fault, custom_schemas, is_core

BASE = "base"


@pytest.fixture(scope="module", params=[BASE, *COMPONENTS, *(f"overlays/{name}" for name in OVERLAYS)])
def manifests(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Manifests:
    name: str = request.param
    if name == BASE:
        return render(K8S / BASE)
    if name.startswith("overlays/"):
        return render_overlay(name.partition("/")[2])
    return render_with(tmp_path_factory.mktemp(name), name)


def test_schemas_of_kubernetes_find_nothing_wrong(manifests: Manifests) -> None:
    core = [one for one in manifests if is_core(one)]
    assert core
    assert {named(one): core_fault(one) for one in core if core_fault(one)} == {}


def test_definitions_of_custom_resources_find_nothing_wrong(manifests: Manifests) -> None:
    schemas = custom_schemas()
    custom = [one for one in manifests if not is_core(one)]
    assert {named(one): fault for one in custom if (fault := custom_fault(one, schemas))} == {}


def test_rules_find_nothing_wrong(manifests: Manifests) -> None:
    assert faults(manifests) == []


def test_all_of_it_is_found_by_its_label(manifests: Manifests) -> None:
    unlabelled = [
        one for one in manifests if one["metadata"].get("labels", {}).get("app.kubernetes.io/part-of") != "hotshelf"
    ]
    assert [named(one) for one in unlabelled] == []


def test_components_go_together(tmp_path: Path) -> None:
    others = [name for name in COMPONENTS if name not in ("autoscaling-hpa", "pvc-store")]
    assert faults(render_with(tmp_path, *sorted(others, key="dask".__eq__), "pvc-store")) == []
