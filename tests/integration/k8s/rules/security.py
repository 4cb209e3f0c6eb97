"""The restricted Pod Security Standard (kubernetes.io, Pod Security Standards), and what we ask beyond it."""

from collections.abc import Iterator

from tests.integration.k8s.objects import Manifest, Manifests, Pod, pods

VOLUMES = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
)
SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    }
)
SECCOMP = ("RuntimeDefault", "Localhost")
SELINUX = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
HOOKS = ("startupProbe", "readinessProbe", "livenessProbe")


def pods_are_restricted(manifests: Manifests) -> Iterator[str]:
    """What the standard asks of a pod."""
    for pod in pods(manifests):
        yield from (f"{pod.where}: {fault}" for fault in _of_pod(pod.spec))


def containers_are_restricted(manifests: Manifests) -> Iterator[str]:
    """What the standard asks of every container, with what the pod says for all of them."""
    for pod in pods(manifests):
        for one in [*pod.containers, *pod.spec.get("ephemeralContainers", ())]:
            for fault in (*_of_container(one), *_of_both(pod, one), *_hosts(one)):
                yield f"{pod.where}: {one['name']}: {fault}"


def root_is_read_only(manifests: Manifests) -> Iterator[str]:
    """Whatever is written goes to a volume, which has a bound."""
    for pod in pods(manifests):
        for one in pod.containers:
            if one.get("securityContext", {}).get("readOnlyRootFilesystem") is not True:
                yield f"{pod.where}: {one['name']}: its root may be written"


def no_token_is_mounted(manifests: Manifests) -> Iterator[str]:
    """Nothing here talks to the API server."""
    for pod in pods(manifests):
        if pod.ours and pod.spec.get("automountServiceAccountToken") is not False:
            yield f"{pod.where}: a token of its service account is mounted"


def _of_pod(spec: Manifest) -> Iterator[str]:
    yield from (f"{field} is true" for field in ("hostNetwork", "hostPID", "hostIPC") if spec.get(field))
    context = spec.get("securityContext", {})
    yield from (f"sysctl {one['name']}" for one in context.get("sysctls", ()) if one["name"] not in SYSCTLS)
    for volume in spec.get("volumes", ()):
        yield from (f"volume {volume['name']} is a {kind}" for kind in volume.keys() - {"name"} - VOLUMES)
    yield from _of_context(context)


def _of_container(container: Manifest) -> Iterator[str]:
    context = container.get("securityContext", {})
    if context.get("privileged"):
        yield "privileged"
    if context.get("allowPrivilegeEscalation") is not False:
        yield "may gain privileges"
    capabilities = context.get("capabilities", {})
    if "ALL" not in capabilities.get("drop", ()):
        yield "doesn't drop all capabilities"
    yield from (f"adds {one}" for one in capabilities.get("add", ()) if one != "NET_BIND_SERVICE")
    if context.get("procMount", "Default") != "Default":
        yield "unmasks /proc"
    yield from (
        f"takes port {one['hostPort']} of the node" for one in container.get("ports", ()) if one.get("hostPort")
    )
    yield from _of_context(context)


def _of_context(context: Manifest) -> Iterator[str]:
    """Fields that pods and containers have alike."""
    if context.get("runAsUser") == 0:
        yield "runs as root"
    if context.get("windowsOptions", {}).get("hostProcess"):
        yield "is a process of the host"
    if context.get("appArmorProfile", {}).get("type") == "Unconfined":
        yield "AppArmor is off"
    selinux = context.get("seLinuxOptions", {})
    if selinux.get("type", "") not in SELINUX or selinux.get("user") or selinux.get("role"):
        yield "changes SELinux"


def _of_both(pod: Pod, container: Manifest) -> Iterator[str]:
    """What a container says goes over what its pod says."""
    whole, own = pod.spec.get("securityContext", {}), container.get("securityContext", {})
    if own.get("runAsNonRoot", whole.get("runAsNonRoot")) is not True:
        yield "may run as root"
    if own.get("seccompProfile", whole.get("seccompProfile", {})).get("type") not in SECCOMP:
        yield "no seccomp profile"


def _hosts(container: Manifest) -> Iterator[str]:
    lifecycle = container.get("lifecycle", {})
    handlers = [container.get(hook, {}) for hook in HOOKS] + [lifecycle.get(at, {}) for at in ("preStop", "postStart")]
    for handler in handlers:
        yield from (
            f"asks host {handler[how]['host']}" for how in ("httpGet", "tcpSocket") if handler.get(how, {}).get("host")
        )
