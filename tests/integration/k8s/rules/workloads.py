"""Workloads: how they roll out, end, and are probed."""

from collections.abc import Iterator
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from tests.integration.k8s.objects import Manifest, Manifests, Pod, named, of_kind, pods, selects

PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
LIVE = "hotshelf.Live"
"""The health service that depends on nothing but the process."""


def roll_outs_can_move(manifests: Manifests) -> Iterator[str]:
    """With neither a pod more nor one less, none could be replaced."""
    for one in of_kind(manifests, "Deployment"):
        rolling = one["spec"].get("strategy", {}).get("rollingUpdate", {})
        if all(str(rolling.get(bound, "25%")) in ("0", "0%") for bound in ("maxSurge", "maxUnavailable")):
            yield f"{named(one)}: maxSurge and maxUnavailable are both 0"


def selectors_match_their_template(manifests: Manifests) -> Iterator[str]:
    """A workload must recognise its own pods, and no other's."""
    for pod in pods(manifests):
        if pod.owner["kind"] not in ("Deployment", "StatefulSet"):
            continue
        wanted = pod.owner["spec"]["selector"].get("matchLabels", {})
        if not wanted or not selects(wanted, pod.labels):
            yield f"{pod.where}: selector {wanted} doesn't match its pods, {dict(pod.labels)}"
        others = [other.where for other in pods(manifests) if other.owner is not pod.owner]
        yield from (
            f"{pod.where}: selects the pods of {other.where}, too"
            for other in pods(manifests)
            if wanted and other.where in others and selects(wanted, other.labels)
        )


def jobs_end(manifests: Manifests) -> Iterator[str]:
    """A Job's pods aren't restarted for ever; who says what becomes of failures must not restart them in place."""
    for pod in pods(manifests):
        if pod.owner["kind"] not in ("Job", "CronJob"):
            continue
        spec = pod.owner["spec"]["jobTemplate"]["spec"] if pod.owner["kind"] == "CronJob" else pod.owner["spec"]
        restart = pod.spec.get("restartPolicy", "Always")
        if restart == "Always" or ("podFailurePolicy" in spec and restart != "Never"):
            yield f"{pod.where}: restartPolicy {restart}"
        if "activeDeadlineSeconds" not in spec:
            yield f"{pod.where}: no activeDeadlineSeconds, it may run for ever"
        known = {container["name"] for container in pod.containers}
        for rule in spec.get("podFailurePolicy", {}).get("rules", ()):
            if (name := rule.get("onExitCodes", {}).get("containerName")) and name not in known:
                yield f"{pod.where}: podFailurePolicy names container {name}, which isn't there"


def schedules_are_times(manifests: Manifests) -> Iterator[str]:
    """Cron patterns of five fields."""
    for one in of_kind(manifests, "CronJob"):
        try:
            next(CronSim(one["spec"]["schedule"], datetime(2026, 1, 1, tzinfo=UTC)))
        except (CronSimError, StopIteration):
            yield f"{named(one)}: schedule {one['spec']['schedule']} never comes"


def hooks_fit_into_the_grace_period(manifests: Manifests) -> Iterator[str]:
    """What a preStop hook sleeps is taken from the grace period; all of it leaves nothing for the stop."""
    for pod in pods(manifests):
        grace = pod.spec.get("terminationGracePeriodSeconds", 30)
        for container in pod.containers:
            slept = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            if slept >= grace:
                yield f"{pod.where}: preStop of {container['name']} sleeps {slept} s, of {grace} s in all"


def budgets_say_one_thing(manifests: Manifests) -> Iterator[str]:
    """A PodDisruptionBudget says minAvailable or maxUnavailable, of pods that there are."""
    for one in of_kind(manifests, "PodDisruptionBudget"):
        if len({"minAvailable", "maxUnavailable"} & one["spec"].keys()) != 1:
            yield f"{named(one)}: expected either minAvailable or maxUnavailable"
        if not any(selects(one["spec"]["selector"]["matchLabels"], pod.labels) for pod in pods(manifests)):
            yield f"{named(one)}: selects no pod"


def probes_find_their_port(manifests: Manifests) -> Iterator[str]:
    """By number or name; those of gRPC take numbers alone."""
    for pod in pods(manifests):
        for container in pod.containers:
            own = Pod(pod.owner, {}, {"containers": [container]}, ours=True).ports
            for probe in PROBES:
                for how in ("grpc", "httpGet", "tcpSocket"):
                    port = container.get(probe, {}).get(how, {}).get("port")
                    if port is not None and port not in own:
                        yield f"{pod.where}: {probe} of {container['name']} asks port {port}, which isn't declared"


def only_readiness_waits_for_models(manifests: Manifests) -> Iterator[str]:
    """Else a slow load, which may take trial_seconds, or a bad model would have pods killed and started without end."""
    for pod in pods(manifests):
        for container in pod.containers:
            for probe in ("startupProbe", "livenessProbe"):
                if (asked := _service(container, probe)) not in (None, LIVE):
                    yield f"{pod.where}: {probe} of {container['name']} asks for {asked!r}, not for {LIVE}"
            if _service(container, "readinessProbe") == LIVE:
                yield f"{pod.where}: readinessProbe of {container['name']} asks for {LIVE}: is so before it is ready"


def _service(container: Manifest, probe: str) -> str | None:
    """The service that a gRPC probe asks for; None where it is no such probe."""
    grpc = container.get(probe, {}).get("grpc")
    return None if grpc is None else str(grpc.get("service", ""))
