"""The schemas are strict: a field that nobody knows is found, as a value of another kind is."""

from typing import Any

import pytest

from tests.integration.k8s.schemas import core_fault, custom_fault, custom_schemas, is_core

BUDGET = {
    "apiVersion": "policy/v1",
    "kind": "PodDisruptionBudget",
    "metadata": {"name": "a"},
    "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"a": "b"}}},
}
SCALED = {
    "apiVersion": "keda.sh/v1alpha1",
    "kind": "ScaledObject",
    "metadata": {"name": "a"},
    "spec": {"scaleTargetRef": {"name": "a"}, "triggers": [{"type": "prometheus", "metadata": {"query": "up"}}]},
}


def with_spec(manifest: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {**manifest, "spec": {**manifest["spec"], **changed}}


def test_what_is_sound_passes() -> None:
    assert core_fault(BUDGET) == ""
    assert custom_fault(SCALED, custom_schemas()) == ""


@pytest.mark.parametrize(("field", "value"), [("maxUnavailible", 1), ("unhealthyPodEvictionPolicy", 1)])
def test_a_fault_in_an_object_of_kubernetes_is_found(field: str, value: object) -> None:
    assert field in core_fault(with_spec(BUDGET, **{field: value}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("maxReplicas", 1),
        ("minReplicaCount", "two"),
        ("triggers", [{"type": "prometheus", "metadata": {}, "nam": "x"}]),
    ],
)
def test_a_fault_in_a_custom_resource_is_found(field: str, value: object) -> None:
    assert field in custom_fault(with_spec(SCALED, **{field: value}), custom_schemas())


def test_a_kind_of_nobody_s_is_found() -> None:
    other = {**SCALED, "kind": "ScaledObjekt"}
    assert custom_fault(other, custom_schemas()) == "keda.sh/v1alpha1 ScaledObjekt: no such kind is defined"


@pytest.mark.parametrize(
    ("version", "core"),
    [
        ("v1", True),
        ("apps/v1", True),
        ("networking.k8s.io/v1", True),
        ("gateway.networking.k8s.io/v1", False),
        ("monitoring.coreos.com/v1", False),
    ],
)
def test_kubernetes_own_kinds_are_told_apart(version: str, core: bool) -> None:
    assert is_core({"apiVersion": version}) is core
