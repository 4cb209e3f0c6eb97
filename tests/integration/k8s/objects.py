"""Rendered manifests, and the pods that they make."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]
Manifests = Sequence[Manifest]

CLUSTER_WIDE = frozenset({"Namespace", "PriorityClass"})
"""Kinds of ours that are in no namespace."""


def named(manifest: Manifest) -> str:
    """Kind and name, for people."""
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def of_kind(manifests: Manifests, *kinds: str) -> Iterator[Manifest]:
    """Those of some kinds."""
    return (one for one in manifests if one["kind"] in kinds)


def find(manifests: Manifests, kind: str, name: str) -> Manifest | None:
    """The one of that kind and name, if there is."""
    return next((one for one in of_kind(manifests, kind) if one["metadata"]["name"] == name), None)


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod that a manifest makes."""

    owner: Manifest
    labels: Mapping[str, str]
    spec: Manifest
    ours: bool
    """Whether all of its fields are said here; KServe adds to those of a ServingRuntime."""

    @property
    def where(self) -> str:
        """Whose it is, for people."""
        return named(self.owner)

    @property
    def containers(self) -> list[Manifest]:
        """All of them, those that run first in front."""
        return [*self.spec.get("initContainers", ()), *self.spec["containers"]]

    @property
    def ports(self) -> set[int | str]:
        """Names and numbers of its ports."""
        declared = [port for container in self.containers for port in container.get("ports", ())]
        return {port["containerPort"] for port in declared} | {port["name"] for port in declared if "name" in port}

    def volume(self, name: str) -> Manifest | None:
        """The volume of that name; a claim that is made for each pod counts."""
        claims = [{"name": one["metadata"]["name"]} for one in self.owner["spec"].get("volumeClaimTemplates", ())]
        return next((one for one in [*self.spec.get("volumes", ()), *claims] if one["name"] == name), None)


def pods(manifests: Manifests) -> Iterator[Pod]:
    """The pod of each workload."""
    for owner in manifests:
        match owner:
            case {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": template}}}}:
                yield _pod(owner, template)
            case {"kind": "Deployment" | "StatefulSet" | "Job", "spec": {"template": template}}:
                yield _pod(owner, template)
            case {"kind": "ServingRuntime", "spec": spec}:
                yield Pod(owner, spec.get("labels", {}), spec, ours=False)


def _pod(owner: Manifest, template: Manifest) -> Pod:
    return Pod(owner, template.get("metadata", {}).get("labels", {}), template["spec"], ours=True)


def pod_of(manifests: Manifests, kind: str, name: str) -> Pod:
    """The pod of one workload, which must be there."""
    return next(pod for pod in pods(manifests) if pod.where == f"{kind} {name}")


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether labels are what a selector wants; an empty one wants nothing of them."""
    return all(labels.get(key) == value for key, value in selector.items())


def twice(values: Iterable[str]) -> list[str]:
    """What comes more than once."""
    seen = list(values)
    return sorted({value for value in seen if seen.count(value) > 1})
