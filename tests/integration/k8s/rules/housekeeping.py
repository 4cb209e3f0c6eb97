"""What we ask of every workload: a known image, bounds, and no variables that nobody wrote."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.integration.k8s.objects import Manifests, named, pods

QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?(m|Ki|Mi|Gi|Ti|k|M|G)?")
AMOUNTS = ("requests", "limits")
APPLIED = 256 << 10
"""Bytes: an apply keeps the whole object in an annotation, and all annotations of an object may have that many."""

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


def quantities_are_read(manifests: Manifests) -> Iterator[str]:
    """Schemas take any text for one, such as 4GB."""
    for one in manifests:
        yield from (f"{named(one)}: {text} is no quantity" for text in _quantities(one) if not QUANTITY.fullmatch(text))


def _quantities(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for child in value:
            yield from _quantities(child)
    if isinstance(value, dict):
        for key, child in value.items():
            if key in AMOUNTS and isinstance(child, dict):
                yield from (str(amount) for amount in child.values())
            elif key == "sizeLimit":
                yield str(child)
            else:
                yield from _quantities(child)


def objects_can_be_applied(manifests: Manifests) -> Iterator[str]:
    """A ConfigMap of a megabyte is valid, but too large for `kubectl apply`."""
    for one in manifests:
        if (size := len(json.dumps(one).encode())) > APPLIED * 0.95:
            yield f"{named(one)}: {size:,} bytes, of {APPLIED:,} that an apply can note"
