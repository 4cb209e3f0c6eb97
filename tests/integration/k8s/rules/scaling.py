"""Autoscalers."""

from collections.abc import Iterator

from tests.integration.k8s.objects import Manifest, Manifests, find, named, of_kind

AUTOSCALERS = ("HorizontalPodAutoscaler", "ScaledObject")


def targets_exist(manifests: Manifests) -> Iterator[str]:
    """And the bounds are in order."""
    for one in of_kind(manifests, *AUTOSCALERS):
        spec = one["spec"]
        if find(manifests, *_target(one)) is None:
            yield f"{named(one)}: {' '.join(_target(one))} isn't there"
        least = spec.get("minReplicas", spec.get("minReplicaCount", 1))
        most = spec.get("maxReplicas", spec.get("maxReplicaCount", 100))
        if not 1 <= least <= most:
            yield f"{named(one)}: {least} to {most} replicas"


def one_autoscaler_has_the_say(manifests: Manifests) -> Iterator[str]:
    """Two of one target undo each other's work; a number in the manifest undoes it at each apply."""
    scaled: set[tuple[str, str]] = set()
    for one in of_kind(manifests, *AUTOSCALERS):
        target = _target(one)
        if target in scaled:
            yield f"{named(one)}: another autoscaler has {' '.join(target)}"
        scaled.add(target)
        if "replicas" in (find(manifests, *target) or {"spec": {}})["spec"]:
            yield f"{named(one)}: {' '.join(target)} says a number of replicas, too"


def _target(autoscaler: Manifest) -> tuple[str, str]:
    target = autoscaler["spec"]["scaleTargetRef"]
    return target.get("kind", "Deployment"), target["name"]
