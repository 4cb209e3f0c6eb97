"""Each rule finds the fault that it is for, and none in what is sound."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.k8s.objects import Manifests, find
from tests.integration.k8s.rules import (
    RULES,
    Rule,
    faults,
    housekeeping,
    names,
    references,
    scaling,
    security,
    services,
    workloads,
)
from tests.integration.k8s.sound import sound

POD = "spec.template.spec"
MAIN = "spec.template.spec.containers.0"
BEFORE = "spec.template.spec.initContainers.0"
MISSING = object()


@dataclass(frozen=True)
class Planted:
    """A fault: the value that is put at a path of one object, or `MISSING`, and what the rule says of it."""

    rule: Rule
    kind: str
    path: str
    value: Any
    said: str

    def __str__(self) -> str:
        """For the test's id."""
        return f"{self.rule.__name__}-{self.kind}.{self.path}"


A = "Deployment"
W, R, S = workloads, references, security
FAULTS = (
    Planted(W.roll_outs_can_move, A, "spec.strategy.rollingUpdate.maxSurge", "0%", "both 0"),
    Planted(W.selectors_match_their_template, A, "spec.selector.matchLabels.app", "b", "doesn't match its pods"),
    Planted(W.selectors_match_their_template, "Job", "spec.template.metadata.labels.app", "a", "pods of Job b, too"),
    Planted(W.jobs_end, "Job", "spec.template.spec.restartPolicy", MISSING, "restartPolicy Always"),
    Planted(W.jobs_end, "Job", "spec.template.spec.restartPolicy", "OnFailure", "restartPolicy OnFailure"),
    Planted(W.jobs_end, "Job", "spec.activeDeadlineSeconds", MISSING, "run for ever"),
    Planted(W.jobs_end, "Job", "spec.podFailurePolicy.rules.0.onExitCodes.containerName", "x", "names container x"),
    Planted(W.schedules_are_times, "CronJob", "spec.schedule", "30 25 * * *", "30 25 * * * never comes"),
    Planted(W.schedules_are_times, "CronJob", "spec.schedule", "30 4 * *", "30 4 * * never comes"),
    Planted(W.hooks_fit_into_the_grace_period, A, f"{POD}.terminationGracePeriodSeconds", 1, "sleeps 1 s, of 1 s"),
    Planted(W.budgets_say_one_thing, "PodDisruptionBudget", "spec.minAvailable", 1, "either"),
    Planted(W.budgets_say_one_thing, "PodDisruptionBudget", "spec.maxUnavailable", MISSING, "either"),
    Planted(W.budgets_say_one_thing, "PodDisruptionBudget", "spec.selector.matchLabels.app", "x", "selects no pod"),
    Planted(W.probes_find_their_port, A, f"{MAIN}.livenessProbe.grpc.port", 2, "asks port 2"),
    Planted(W.probes_find_their_port, A, f"{MAIN}.startupProbe", {"httpGet": {"port": "http"}}, "asks port http"),
    Planted(W.only_readiness_waits_for_models, A, f"{MAIN}.startupProbe.grpc.service", "", "startupProbe of main asks"),
    Planted(W.only_readiness_waits_for_models, A, f"{MAIN}.livenessProbe.grpc.service", MISSING, "asks for ''"),
    Planted(W.only_readiness_waits_for_models, A, f"{MAIN}.readinessProbe.grpc.service", W.LIVE, "before it is ready"),
    Planted(names.are_given_once, "NetworkPolicy", "kind", "GRPCRoute", "GRPCRoute a: twice"),
    Planted(names.are_given_once, A, f"{BEFORE}.name", "main", "container main twice"),
    Planted(names.are_given_once, A, f"{MAIN}.volumeMounts.1.mountPath", "/settings", "mount /settings twice"),
    Planted(names.are_given_once, A, f"{MAIN}.env", [{"name": "X"}, {"name": "X"}], "variable X twice"),
    Planted(names.are_valid, "Service", "metadata.name", "A_1", "lower-case"),
    Planted(names.are_valid, "CronJob", "metadata.name", "c" * 53, "at most 52"),
    Planted(names.are_valid, "Service", "metadata.labels", {"one": "two words"}, "label one"),
    Planted(names.are_valid, A, f"{MAIN}.name", "Main", "container Main"),
    Planted(names.are_valid, A, f"{MAIN}.ports.0.name", "longer-than-fifteen", "port longer"),
    Planted(names.are_in_our_namespace, "Service", "metadata.namespace", MISSING, "in namespace None"),
    Planted(R.lead_somewhere, A, f"{POD}.serviceAccountName", "x", "ServiceAccount x isn't there"),
    Planted(R.lead_somewhere, A, f"{POD}.priorityClassName", "x", "PriorityClass x isn't there"),
    Planted(R.lead_somewhere, A, f"{POD}.volumes.0.configMap.name", "x", "ConfigMap x isn't there"),
    Planted(R.lead_somewhere, A, f"{POD}.volumes.0", {"name": "s", "secret": {"secretName": "x"}}, "Secret x isn't"),
    Planted(R.lead_somewhere, A, f"{POD}.volumes.1.persistentVolumeClaim.claimName", "x", "PersistentVolumeClaim x"),
    Planted(R.lead_somewhere, A, f"{MAIN}.envFrom", [{"secretRef": {"name": "x"}}], "Secret x isn't there"),
    Planted(
        R.lead_somewhere,
        A,
        f"{MAIN}.env.0",
        {"name": "X", "valueFrom": {"configMapKeyRef": {"name": "x"}}},
        "ConfigMap x",
    ),
    Planted(R.mounts_have_a_volume, A, f"{MAIN}.volumeMounts.0.name", "x", "mounts x, which is no volume"),
    Planted(R.mounts_have_a_volume, A, f"{MAIN}.volumeMounts.0.readOnly", MISSING, "to write"),
    Planted(
        R.files_are_in_their_config_map, A, f"{MAIN}.args.1", "--config=/settings/b.yaml", "/settings/b.yaml isn't"
    ),
    Planted(
        R.pods_share_one_store, "Job", "spec.template.spec.volumes.0", {"name": "store", "emptyDir": {}}, "no claim"
    ),
    Planted(services.reach_a_port, "Service", "spec.ports.0.targetPort", "metrics", "no port metrics"),
    Planted(services.reach_a_port, "Service", "spec.selector.app", "x", "selects no pod"),
    Planted(services.routes_reach_a_service, "GRPCRoute", "spec.rules.0.backendRefs.0.port", 2, "with port 2"),
    Planted(services.routes_reach_a_service, "GRPCRoute", "spec.rules.0.backendRefs.0.name", "x", "no Service x"),
    Planted(services.monitors_reach_a_port, "PodMonitor", "spec.selector.matchLabels.app", "x", "selects no pod"),
    Planted(services.monitors_reach_a_port, "PodMonitor", "spec.podMetricsEndpoints.0.port", "x", "has no port x"),
    Planted(services.policies_name_ports_that_exist, "NetworkPolicy", "spec.ingress.0.ports.0.port", "x", "a port x"),
    Planted(
        scaling.targets_exist, "HorizontalPodAutoscaler", "spec.scaleTargetRef.name", "x", "Deployment x isn't there"
    ),
    Planted(scaling.targets_exist, "HorizontalPodAutoscaler", "spec.minReplicas", 4, "4 to 3 replicas"),
    Planted(scaling.one_autoscaler_has_the_say, A, "spec.replicas", 2, "says a number of replicas"),
    Planted(S.pods_are_restricted, A, f"{POD}.hostNetwork", True, "hostNetwork"),
    Planted(S.pods_are_restricted, A, f"{POD}.hostPID", True, "hostPID"),
    Planted(S.pods_are_restricted, A, f"{POD}.hostIPC", True, "hostIPC"),
    Planted(S.pods_are_restricted, A, f"{POD}.securityContext.runAsUser", 0, "root"),
    Planted(S.pods_are_restricted, A, f"{POD}.securityContext.sysctls", [{"name": "kernel.msgmax"}], "kernel.msgmax"),
    Planted(S.pods_are_restricted, A, f"{POD}.volumes.2", {"name": "t", "hostPath": {"path": "/"}}, "hostPath"),
    Planted(S.pods_are_restricted, A, f"{POD}.volumes.2", {"name": "t", "nfs": {"path": "/"}}, "nfs"),
    Planted(S.pods_are_restricted, A, f"{POD}.securityContext.windowsOptions", {"hostProcess": True}, "of the host"),
    Planted(S.pods_are_restricted, A, f"{POD}.securityContext.appArmorProfile", {"type": "Unconfined"}, "AppArmor"),
    Planted(S.pods_are_restricted, A, f"{POD}.securityContext.seLinuxOptions", {"type": "spc_t"}, "SELinux"),
    Planted(S.containers_are_restricted, A, f"{MAIN}.securityContext.privileged", True, "main: privileged"),
    Planted(
        S.containers_are_restricted, A, f"{BEFORE}.securityContext.allowPrivilegeEscalation", MISSING, "before: may"
    ),
    Planted(S.containers_are_restricted, A, f"{BEFORE}.securityContext.capabilities", MISSING, "before: doesn't drop"),
    Planted(S.containers_are_restricted, A, f"{MAIN}.securityContext.capabilities.add", ["SYS_PTRACE"], "SYS_PTRACE"),
    Planted(S.containers_are_restricted, A, f"{MAIN}.securityContext.procMount", "Unmasked", "/proc"),
    Planted(S.containers_are_restricted, A, f"{MAIN}.securityContext.runAsUser", 0, "runs as root"),
    Planted(S.containers_are_restricted, A, f"{MAIN}.securityContext.runAsNonRoot", False, "may run as root"),
    Planted(S.containers_are_restricted, A, f"{POD}.securityContext.runAsNonRoot", MISSING, "may run as root"),
    Planted(S.containers_are_restricted, A, f"{POD}.securityContext.seccompProfile", MISSING, "no seccomp"),
    Planted(
        S.containers_are_restricted, A, f"{MAIN}.securityContext.seccompProfile", {"type": "Unconfined"}, "no seccomp"
    ),
    Planted(S.containers_are_restricted, A, f"{MAIN}.ports.0.hostPort", 1, "port 1 of the node"),
    Planted(S.containers_are_restricted, A, f"{MAIN}.livenessProbe", {"httpGet": {"port": 1, "host": "x"}}, "host x"),
    Planted(
        S.containers_are_restricted,
        A,
        f"{MAIN}.lifecycle",
        {"preStop": {"httpGet": {"port": 1, "host": "x"}}},
        "host x",
    ),
    Planted(S.root_is_read_only, A, f"{BEFORE}.securityContext.readOnlyRootFilesystem", MISSING, "before: its root"),
    Planted(S.no_token_is_mounted, A, f"{POD}.automountServiceAccountToken", MISSING, "token"),
    Planted(housekeeping.images_are_pinned, A, f"{MAIN}.image", "one.example:5000/a", "no tag"),
    Planted(housekeeping.images_are_pinned, A, f"{BEFORE}.image", "a:latest", "no tag"),
    Planted(housekeeping.quantities_are_read, A, f"{MAIN}.resources.requests.memory", "4GB", "4GB is no quantity"),
    Planted(housekeeping.quantities_are_read, A, f"{POD}.volumes.2.emptyDir.sizeLimit", "-1Gi", "-1Gi is no quantity"),
    Planted(housekeeping.objects_can_be_applied, "ConfigMap", "data", {"a": "x" * (250 << 10)}, "bytes, of 262,144"),
    Planted(housekeeping.resources_are_said, A, f"{MAIN}.resources.requests.cpu", MISSING, "no request of cpu"),
    Planted(housekeeping.resources_are_said, A, f"{MAIN}.resources.limits", MISSING, "no limit of memory"),
    Planted(housekeeping.resources_are_said, A, f"{MAIN}.resources.requests.memory", "1025Mi", "more memory"),
    Planted(housekeeping.resources_are_said, A, f"{MAIN}.resources.limits.cpu", 1, "throttled"),
    Planted(housekeeping.scratch_is_bounded, A, f"{POD}.volumes.2.emptyDir", None, "no sizeLimit"),
    Planted(
        housekeeping.no_service_links, "Job", "spec.template.spec.enableServiceLinks", MISSING, "enableServiceLinks"
    ),
)


def plant(manifests: Manifests, kind: str, path: str, value: Any) -> None:
    """Put a value at a path of the first object of a kind, or take away what is there."""
    *way, last = path.split(".")
    place: Any = next(one for one in manifests if one["kind"] == kind)
    for part in way:
        place = place[int(part)] if isinstance(place, list) else place[part]
    key: Any = int(last) if isinstance(place, list) else last
    if value is MISSING:
        del place[key]
    else:
        place[key] = value


def test_what_is_sound_has_no_faults() -> None:
    assert faults(sound()) == []


@pytest.mark.parametrize("planted", FAULTS, ids=str)
def test_a_planted_fault_is_found(planted: Planted) -> None:
    manifests = sound()
    plant(manifests, planted.kind, planted.path, planted.value)
    found = list(planted.rule(manifests))
    assert any(planted.said in fault for fault in found), found


def test_every_rule_has_a_planted_fault() -> None:
    assert {planted.rule for planted in FAULTS} == set(RULES)


def test_a_second_autoscaler_of_one_target_is_found() -> None:
    manifests = [
        *sound(),
        {"kind": "ScaledObject", "metadata": {"name": "k"}, "spec": {"scaleTargetRef": {"name": "a"}}},
    ]
    assert list(scaling.one_autoscaler_has_the_say(manifests)) == [
        "ScaledObject k: another autoscaler has Deployment a"
    ]


def test_pods_of_a_cron_job_are_looked_at() -> None:
    job = find(sound(), "Job", "b")
    assert job is not None
    cron = {**job, "kind": "CronJob", "spec": {"jobTemplate": {"spec": job["spec"]}}}
    job["spec"]["template"]["spec"]["hostNetwork"] = True
    assert list(security.pods_are_restricted([cron])) == ["CronJob b: hostNetwork is true"]


@pytest.mark.parametrize(("quantity", "number"), [("250m", 0.25), ("1Gi", 1 << 30), ("2", 2), (2, 2), ("1k", 1000)])
def test_quantities_are_read(quantity: str | float, number: float) -> None:
    assert housekeeping.amount(quantity) == number
