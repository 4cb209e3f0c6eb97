"""Names."""

import re
from collections.abc import Iterator, Mapping

from tests.integration.k8s.objects import CLUSTER_WIDE, Manifests, Pod, named, of_kind, pods, twice

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
"""RFC 1123, lower case."""
VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
LONGEST = {"CronJob": 52, "StatefulSet": 52, "Deployment": 52}
"""Characters; what a controller appends to these must fit into 63."""
PORT = 15


def are_given_once(manifests: Manifests) -> Iterator[str]:
    """Of objects by kind, and of what a pod or a Service has many of."""
    yield from (f"{name}: twice" for name in twice(named(one) for one in manifests))
    for service in of_kind(manifests, "Service"):
        yield from (
            f"{named(service)}: port {name} twice" for name in twice(p["name"] for p in service["spec"]["ports"])
        )
    for pod in pods(manifests):
        yield from (f"{pod.where}: {name} twice" for name in twice(_within(pod)))


def _within(pod: Pod) -> Iterator[str]:
    yield from (f"container {one['name']}" for one in pod.containers)
    yield from (f"volume {one['name']}" for one in pod.spec.get("volumes", ()))
    for container in pod.containers:
        yield from (f"port {one['name']}" for one in container.get("ports", ()))
        yield from (f"{container['name']}'s variable {one['name']}" for one in container.get("env", ()))
        yield from (f"{container['name']}'s mount {one['mountPath']}" for one in container.get("volumeMounts", ()))


def are_in_our_namespace(manifests: Manifests) -> Iterator[str]:
    """What was left in no namespace would land in that of whoever applies it."""
    ours = {one["metadata"]["name"] for one in of_kind(manifests, "Namespace")}
    for one in manifests:
        namespace = one["metadata"].get("namespace")
        if one["kind"] not in CLUSTER_WIDE and namespace not in ours:
            yield f"{named(one)}: in namespace {namespace}, not in ours"


def are_valid(manifests: Manifests) -> Iterator[str]:
    """By length and letters, of objects, containers, ports and labels."""
    for one in manifests:
        name, longest = one["metadata"]["name"], LONGEST.get(one["kind"], 63)
        if len(name) > longest or not all(LABEL.fullmatch(part) for part in name.split(".")):
            yield f"{named(one)}: expected at most {longest} lower-case letters, digits and hyphens"
        yield from (f"{named(one)}: {fault}" for fault in _labels(one["metadata"].get("labels", {})))
    for pod in pods(manifests):
        yield from (f"{pod.where}: {fault}" for fault in (*_labels(pod.labels), *_of_containers(pod)))


def _labels(labels: Mapping[str, object]) -> Iterator[str]:
    for key, value in labels.items():
        if not isinstance(value, str) or len(value) > 63 or not VALUE.fullmatch(value):
            yield f"label {key}: {value!r} is none"


def _of_containers(pod: Pod) -> Iterator[str]:
    for container in pod.containers:
        if len(container["name"]) > 63 or not LABEL.fullmatch(container["name"]):
            yield f"container {container['name']} can't be called so"
        for port in (one["name"] for one in container.get("ports", ()) if "name" in one):
            if len(port) > PORT or not LABEL.fullmatch(port):
                yield f"port {port} can't be called so"
