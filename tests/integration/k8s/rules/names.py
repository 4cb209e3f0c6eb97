"""Names."""

from collections.abc import Iterator

from tests.integration.k8s.objects import CLUSTER_WIDE, Manifests, Pod, named, of_kind, pods, twice


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
