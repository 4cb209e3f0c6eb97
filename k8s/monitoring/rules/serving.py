"""Alerts on servers: whether they are there, full, or about to be killed."""

from collections.abc import Iterator

from k8s.monitoring.objectives import Limits
from k8s.monitoring.rules.recording import BY_MODEL
from k8s.monitoring.rules.spec import Alert, Severity

SERVER = 'job="hotshelf-server"'
OVERLOAD = "server_full|streams_full|queue_full|model_busy"
"""Reasons of refusals that more replicas would help against."""


def serving_alerts(limits: Limits) -> Iterator[Alert]:
    """All of them."""
    yield from _presence(limits)
    yield from _load(limits)


def _presence(limits: Limits) -> Iterator[Alert]:
    ready = "sum by (namespace) (hotshelf_ready) > 0"
    yield Alert(
        "HotshelfNoReadyServer",
        f"count by (namespace) (up{{{SERVER}}}) unless on (namespace) ({ready})\nor absent(up{{{SERVER}}})",
        "2m",
        Severity.CRITICAL,
        "No server is ready",
        "No replica of hotshelf-server {{ with $labels.namespace }}in namespace {{ . }} {{ end }}may be sent traffic, "
        "or none is known to Prometheus.",
    )
    yield Alert(
        "HotshelfServerDown",
        f"up{{{SERVER}}} == 0",
        "5m",
        Severity.WARNING,
        "Server {{ $labels.instance }} can't be scraped",
        "/metrics of {{ $labels.instance }} has not answered for 5 minutes. The other replicas take its calls.",
    )
    yield Alert(
        "HotshelfServerRestarts",
        f"changes(process_start_time_seconds{{{SERVER}}}[1h]) >= {limits.restarts}",
        "1m",
        Severity.WARNING,
        "Server {{ $labels.instance }} restarts again and again",
        "{{ $labels.instance }} was started anew {{ $value }} times within an hour.",
    )
    yield Alert(
        "HotshelfMemoryNearLimit",
        f"process_resident_memory_bytes{{{SERVER}}} / on (namespace, pod) group_left\n"
        f'max by (namespace, pod) (kube_pod_container_resource_limits{{resource="memory"}}) > {limits.memory_ratio:g}',
        "5m",
        Severity.WARNING,
        "Server {{ $labels.pod }} has nearly all the memory that it may have",
        "{{ $labels.pod }} holds {{ $value | humanizePercentage }} of its container's limit; beyond it, it is killed.",
    )


def _load(limits: Limits) -> Iterator[Alert]:
    refused = f'sum by ({BY_MODEL}) (rate(hotshelf_calls_refused_total{{reason=~"{OVERLOAD}"}}[5m]))'
    calls = f"(sum by ({BY_MODEL}) (rate(hotshelf_calls_total[5m])) > 0)"
    yield Alert(
        "HotshelfCallsRefused",
        f"{refused} / {calls} > {limits.refused_ratio:g}",
        "5m",
        Severity.WARNING,
        "Calls of {{ with $labels.model }}model {{ . }}{{ else }}no model{{ end }} are refused for overload",
        "{{ $value | humanizePercentage }} of the calls of {{ with $labels.model }}model {{ . }}{{ else }}no model"
        "{{ end }} are refused, because a queue, the streams or the server are full.",
    )
    yield Alert(
        "HotshelfServerNearlyFull",
        f"hotshelf_calls_running / hotshelf_calls_limit > {limits.full_ratio:g}",
        "5m",
        Severity.WARNING,
        "Server {{ $labels.instance }} is nearly full",
        "{{ $value | humanizePercentage }} of the calls that {{ $labels.instance }} lets in are in flight; beyond "
        "max_calls it refuses.",
    )
    silence = "time() - hotshelf_store_read_timestamp_seconds"
    yield Alert(
        "HotshelfStoreUnreachable",
        f"({silence} > {limits.store_silence_seconds} and hotshelf_store_read_timestamp_seconds > 0)\n"
        "or rate(hotshelf_store_errors_total[5m]) > 0",
        "3m",
        Severity.WARNING,
        "Server {{ $labels.instance }} can't read the store",
        "{{ $labels.instance }} hears of no new versions and aliases: the store, or something in it, can't be read. "
        "What is loaded serves on.",
    )
