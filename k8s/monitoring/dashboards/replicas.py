"""The fleet's replicas side by side, for its dashboard."""

from k8s.monitoring.dashboards.queries import FLEET, SERVERS, rate, sum_by
from k8s.monitoring.dashboards.spec import BYTES, PER_SECOND, SECONDS, SHARE, Look, Panel, Query
from k8s.monitoring.objectives import Limits

CALLS = "hotshelf_calls_total"


def replicas(limits: Limits) -> tuple[Panel, ...]:
    """Whether each does its share, and what it holds."""
    full = f"hotshelf_calls_running{{{FLEET}}} / hotshelf_calls_limit{{{FLEET}}}"
    return (
        Panel(
            "Calls by replica", (Query(sum_by("instance", rate(CALLS, FLEET)), "{{instance}}"),), (CALLS,), PER_SECOND
        ),
        Panel(
            "In flight, of those that may be",
            (Query(full, "{{instance}}"),),
            ("hotshelf_calls_running", "hotshelf_calls_limit"),
            SHARE,
            alerts=("HotshelfServerNearlyFull",),
            limits=(limits.full_ratio / 2, limits.full_ratio),
        ),
        Panel(
            "Waiting by model",
            (Query(sum_by("model", f"hotshelf_calls_waiting{{{FLEET}}}"), "{{model}}"),),
            ("hotshelf_calls_waiting",),
        ),
        Panel(
            "Processors by replica",
            (Query(rate("process_cpu_seconds_total", SERVERS), "{{instance}}"),),
            ("process_cpu_seconds_total",),
        ),
        Panel(
            "Memory by replica",
            (Query(f"process_resident_memory_bytes{{{SERVERS}}}", "{{instance}}"),),
            ("process_resident_memory_bytes",),
            BYTES,
            alerts=("HotshelfMemoryNearLimit",),
        ),
        Panel(
            "Since the store was read",
            (Query(f"time() - hotshelf_store_read_timestamp_seconds{{{FLEET}}}", "{{instance}}"),),
            ("hotshelf_store_read_timestamp_seconds",),
            SECONDS,
            alerts=("HotshelfStoreUnreachable",),
            limits=(limits.store_silence_seconds / 2, limits.store_silence_seconds),
        ),
        Panel(
            "Open streams", (Query(f"hotshelf_streams_open{{{FLEET}}}", "{{instance}}"),), ("hotshelf_streams_open",)
        ),
        Panel(
            "Open connections and files",
            (Query(f"process_open_fds{{{SERVERS}}}", "{{instance}}"),),
            ("process_open_fds",),
        ),
        Panel(
            "Up for",
            (Query(f"time() - process_start_time_seconds{{{SERVERS}}}", "{{instance}}"),),
            ("process_start_time_seconds",),
            SECONDS,
            alerts=("HotshelfServerRestarts", "HotshelfServerDown"),
        ),
    )


def tables() -> tuple[Panel, ...]:
    """What alerts, and what runs."""
    labels = "alertname, alertstate, severity, namespace, model, version, instance"
    alerts = f'max by ({labels}) (ALERTS{{alertname=~"Hotshelf.+",namespace=~"$namespace"}})'
    return (
        Panel("Alerts", (Query(alerts),), (), look=Look.TABLE, width=16, note="Those that fire or are about to."),
        Panel(
            "Versions of the server",
            (Query(f"count by (version) (hotshelf_build_info{{{FLEET}}})"),),
            ("hotshelf_build_info",),
            look=Look.TABLE,
        ),
    )
