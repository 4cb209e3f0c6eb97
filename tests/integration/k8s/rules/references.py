"""References from one object to another."""

from collections.abc import Iterator

from tests.integration.k8s.objects import Manifest, Manifests, Pod, find, pods

Reference = tuple[str, str]
"""Kind and name."""

OF_THE_CLUSTER = frozenset({("PriorityClass", "system-cluster-critical"), ("PriorityClass", "system-node-critical")})


def lead_somewhere(manifests: Manifests) -> Iterator[str]:
    """What a pod names must be among what is applied with it."""
    for pod in pods(manifests):
        for kind, name in sorted({*_of_pod(pod), *_of_volumes(pod), *_of_variables(pod)} - OF_THE_CLUSTER):
            if find(manifests, kind, name) is None:
                yield f"{pod.where}: {kind} {name} isn't there"


def mounts_have_a_volume(manifests: Manifests) -> Iterator[str]:
    """And what is mounted read-write isn't made read-only by what it is."""
    for pod in pods(manifests):
        for container in pod.containers:
            for mount in container.get("volumeMounts", ()):
                volume = pod.volume(mount["name"])
                if volume is None:
                    yield f"{pod.where}: {container['name']} mounts {mount['name']}, which is no volume"
                elif {"configMap", "secret"} & volume.keys() and not mount.get("readOnly"):
                    yield f"{pod.where}: {container['name']} mounts {mount['name']} to write, which nobody can"


def files_are_in_their_config_map(manifests: Manifests) -> Iterator[str]:
    """An argument that names a file below the mount of a ConfigMap names one of its keys."""
    for pod in pods(manifests):
        for container in pod.containers:
            said = [*container.get("command", ()), *container.get("args", ())]
            for mount in container.get("volumeMounts", ()):
                config = _config_map(manifests, pod, mount["name"])
                for path in (one.rpartition("=")[2] for one in said if config is not None):
                    key = path.removeprefix(f"{mount['mountPath']}/")
                    if key != path and key not in (config or {}).get("data", {}):
                        yield f"{pod.where}: {path} isn't in its ConfigMap"


def _config_map(manifests: Manifests, pod: Pod, volume: str) -> Manifest | None:
    name = (pod.volume(volume) or {}).get("configMap", {}).get("name")
    return find(manifests, "ConfigMap", name) if name else None


def pods_share_one_store(manifests: Manifests) -> Iterator[str]:
    """Once one pod's ``store`` is a claim, that of all is the same; so is ``data``."""
    for name in ("store", "data"):
        kept: dict[str | None, str] = {}
        for pod in pods(manifests):
            if pod.ours and (volume := pod.volume(name)):
                kept[volume.get("persistentVolumeClaim", {}).get("claimName")] = pod.where
        if len(kept) > 1:
            yield f"volume {name} differs: " + ", ".join(
                f"{claim or 'no claim'} in {pod}" for claim, pod in kept.items()
            )


def _of_pod(pod: Pod) -> Iterator[Reference]:
    if account := pod.spec.get("serviceAccountName"):
        yield "ServiceAccount", account
    if priority := pod.spec.get("priorityClassName"):
        yield "PriorityClass", priority
    if service := pod.owner["spec"].get("serviceName"):
        yield "Service", service


def _of_volumes(pod: Pod) -> Iterator[Reference]:
    for volume in pod.spec.get("volumes", ()):
        for source in (volume, *volume.get("projected", {}).get("sources", ())):
            yield from _source(source)


def _source(source: Manifest) -> Iterator[Reference]:
    match source:
        case {"configMap": {"name": str(name)} as config} if not config.get("optional"):
            yield "ConfigMap", name
        case {"secret": {"secretName": str(name)} as secret} if not secret.get("optional"):
            yield "Secret", name
        case {"persistentVolumeClaim": {"claimName": str(name)}}:
            yield "PersistentVolumeClaim", name


def _of_variables(pod: Pod) -> Iterator[Reference]:
    for container in pod.containers:
        for taken in [*container.get("envFrom", ()), *(one.get("valueFrom", {}) for one in container.get("env", ()))]:
            for field, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
                for suffix in ("Ref", "KeyRef"):
                    if (reference := taken.get(field + suffix)) and not reference.get("optional"):
                        yield kind, reference["name"]
