"""The queries and targets by which replicas are scaled, lifted out of the manifests."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.integration.k8s.kustomize import K8S
from tests.integration.k8s.objects import Manifest, Manifests, of_kind
from tests.integration.k8s.rules.housekeeping import amount

ADAPTER = K8S / "components" / "autoscaling-hpa" / "adapter-values.yaml"


@dataclass(frozen=True, slots=True)
class Trigger:
    """One measure of KEDA."""

    query: str
    target: float
    shared: bool
    """Whether the value is one of all pods together, to be shared among them; else it is an average already."""

    def wanted(self, pods: int, value: float) -> int:
        """Replicas, by the formula of HorizontalPodAutoscaler (kubernetes.io, Algorithm details), without tolerance."""
        return math.ceil(value / self.target) if self.shared else math.ceil(pods * value / self.target)


@dataclass(frozen=True, slots=True)
class Metric:
    """One measure of prometheus-adapter."""

    series: str
    query: str
    target: float

    def wanted(self, by_pod: Mapping[str, float]) -> int:
        """Replicas, as above."""
        return math.ceil(len(by_pod) * (sum(by_pod.values()) / len(by_pod)) / self.target)


def triggers(manifests: Manifests) -> dict[str, Trigger]:
    """Of the ScaledObject, by name."""
    (scaled,) = of_kind(manifests, "ScaledObject")
    return {one["name"]: _trigger(one) for one in scaled["spec"]["triggers"]}


def _trigger(one: Manifest) -> Trigger:
    told = one["metadata"]
    return Trigger(told["query"], float(told["threshold"]), {"AverageValue": True, "Value": False}[one["metricType"]])


def metrics(manifests: Manifests, pods: Mapping[str, Any], namespace: str) -> dict[str, Metric]:
    """Of the HorizontalPodAutoscaler, by name, with the queries that prometheus-adapter asks for these pods."""
    (hpa,) = of_kind(manifests, "HorizontalPodAutoscaler")
    targets = {one["pods"]["metric"]["name"]: one["pods"]["target"] for one in hpa["spec"]["metrics"]}
    rules = {one["name"]["as"]: one for one in adapter_rules()}
    matchers = f'namespace="{namespace}",pod=~"{"|".join(pods)}"'
    return {
        name: Metric(
            rules[name]["seriesQuery"],
            rules[name]["metricsQuery"].replace("<<.LabelMatchers>>", matchers).replace("<<.GroupBy>>", "pod"),
            amount(target["averageValue"]),
        )
        for name, target in targets.items()
    }


def adapter_rules(file: Path = ADAPTER) -> list[dict[str, Any]]:
    """The rules that are shipped."""
    told: list[dict[str, Any]] = yaml.safe_load(file.read_text())["rules"]["custom"]
    return told
