"""Alerts on models: versions that don't load, replicas that differ, canaries, drift, and age."""

from collections.abc import Iterator

from k8s.monitoring.objectives import Limits
from k8s.monitoring.rules.recording import BY_MODEL
from k8s.monitoring.rules.spec import Alert, Severity

DAY = 86_400
OF_VERSION = "version {{ $labels.version }} of model {{ $labels.model }}"
CHAMPION = f'max by ({BY_MODEL}, version) (hotshelf_alias_info{{alias="champion"}})'


def model_alerts(limits: Limits) -> Iterator[Alert]:
    """All of them."""
    yield from _loading(limits)
    yield from _rollout(limits)
    yield from _quality(limits)


def _loading(limits: Limits) -> Iterator[Alert]:
    yield Alert(
        "HotshelfVersionStuckLoading",
        'hotshelf_version_state{state="loading"} == 1',
        f"{limits.loading_seconds}s",
        Severity.WARNING,
        f"{OF_VERSION.capitalize()} is stuck loading",
        f"{{{{ $labels.instance }}}} has been loading {OF_VERSION} for more than "
        f"{limits.loading_seconds / 60:g} minutes.",
    )
    yield Alert(
        "HotshelfVersionFailsToLoad",
        f"hotshelf_version_load_failures_total >= {limits.load_failures}",
        "1m",
        Severity.WARNING,
        f"{OF_VERSION.capitalize()} can't be loaded",
        f"{{{{ $labels.instance }}}} has failed {{{{ $value }}}} times to load {OF_VERSION}. "
        "The version before it serves on.",
    )


def _rollout(limits: Limits) -> Iterator[Alert]:
    yield Alert(
        "HotshelfReplicaNotConverged",
        f"hotshelf_convergence_age_seconds > {limits.convergence_seconds}",
        "1m",
        Severity.WARNING,
        "Server {{ $labels.instance }} doesn't serve what the aliases of model {{ $labels.model }} ask for",
        "The newest alias revision of model {{ $labels.model }} was written {{ $value | humanizeDuration }} ago and is "
        "not applied on {{ $labels.instance }}.",
    )
    spread = " - ".join(f"{side} by ({BY_MODEL}) (hotshelf_alias_revision)" for side in ("max", "min"))
    yield Alert(
        "HotshelfReplicasDiffer",
        f"{spread} > 0",
        "5m",
        Severity.WARNING,
        "Replicas know different aliases of model {{ $labels.model }}",
        "Some replica is {{ $value }} alias revisions of model {{ $labels.model }} behind the newest, and answers by "
        "what has been replaced.",
    )
    yield Alert(
        "HotshelfCanaryTakenBack",
        f'max by ({BY_MODEL}) (increase(hotshelf_canaries_ended_total{{outcome="taken_back"}}[30m])) > 0',
        "1m",
        Severity.WARNING,
        "The canary of model {{ $labels.model }} was taken back",
        "The judge, or someone, has taken the canary of model {{ $labels.model }} back within the last 30 minutes. The "
        "champion has all traffic.",
    )


def _quality(limits: Limits) -> Iterator[Alert]:
    enough = f"and on (instance, model, version) hotshelf_input_drift_rows >= {limits.drift_rows}"
    yield Alert(
        "HotshelfInputDrift",
        f"max by ({BY_MODEL}, version, feature) (hotshelf_input_drift_psi {enough}) > {limits.drift_psi:g}\n"
        f"and on ({BY_MODEL}, version) {CHAMPION}",
        "1h",
        Severity.WARNING,
        "Input {{ $labels.feature }} of model {{ $labels.model }} has drifted",
        "The population stability index of {{ $labels.feature }} against the data that version "
        '{{ $labels.version }} of model {{ $labels.model }} learned from is {{ $value | printf "%.2f" }}.',
    )
    ages = (
        (limits.data_days, "hotshelf_version_data_end_timestamp_seconds"),
        (limits.version_days, "hotshelf_version_created_timestamp_seconds"),
    )
    old = "\nor\n".join(
        f"time() - (max by ({BY_MODEL}, version) ({metric}) > 0 and on ({BY_MODEL}, version) {CHAMPION})"
        f" > {days * DAY:.0f}"
        for days, metric in ages
    )
    yield Alert(
        "HotshelfModelStale",
        old,
        "15m",
        Severity.WARNING,
        "The champion of model {{ $labels.model }} is stale",
        f"{OF_VERSION.capitalize()}, the champion, or the newest of its data, is "
        f"{{{{ $value | humanizeDuration }}}} old, of at most {limits.version_days:g} days for a version and "
        f"{limits.data_days:g} for data.",
    )
