"""What we ask of every workload: a known image, bounds, and no variables that nobody wrote."""

from collections.abc import Iterator

from tests.integration.k8s.objects import Manifests, pods

UNITS = {"m": 1e-3, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "k": 1e3, "M": 1e6, "G": 1e9}


def amount(quantity: str | float) -> float:
    """A quantity of Kubernetes, such as 250m or 4Gi, as a number."""
    text = str(quantity)
    for unit, factor in UNITS.items():
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    return float(text)


def images_are_pinned(manifests: Manifests) -> Iterator[str]:
    """By a digest, or a tag that isn't moved."""
    for pod in pods(manifests):
        for one in pod.containers:
            name, at, _ = one["image"].rpartition("@")
            tag = "" if at else one["image"].rpartition("/")[2].partition(":")[2]
            if not (at and name) and tag in ("", "latest"):
                yield f"{pod.where}: image {one['image']} has no tag that stays"


def resources_are_said(manifests: Manifests) -> Iterator[str]:
    """Requests of processor and memory and a limit of memory; no request above its limit; no limit of the processor."""
    for pod in pods(manifests):
        for one in pod.containers:
            requests = one.get("resources", {}).get("requests", {})
            limits = one.get("resources", {}).get("limits", {})
            missing = [f"request of {what}" for what in ("cpu", "memory") if what not in requests]
            missing += ["limit of memory"] if "memory" not in limits else []
            yield from (f"{pod.where}: {one['name']} has no {what}" for what in missing)
            for what in requests.keys() & limits.keys():
                if amount(requests[what]) > amount(limits[what]):
                    yield f"{pod.where}: {one['name']} requests more {what} than its limit"
            if "cpu" in limits:
                yield f"{pod.where}: {one['name']} is throttled by a limit of cpu"


def scratch_is_bounded(manifests: Manifests) -> Iterator[str]:
    """An emptyDir without a bound fills the node."""
    for pod in pods(manifests):
        for volume in pod.spec.get("volumes", ()):
            if "emptyDir" in volume and not (volume["emptyDir"] or {}).get("sizeLimit"):
                yield f"{pod.where}: volume {volume['name']} has no sizeLimit"


def no_service_links(manifests: Manifests) -> Iterator[str]:
    """Kubernetes makes variables of Services' names, HOTSHELF_… of ours, which the server takes for settings."""
    for pod in pods(manifests):
        if pod.ours and pod.spec.get("enableServiceLinks") is not False:
            yield f"{pod.where}: enableServiceLinks isn't false"
