"""One model: its versions side by side."""

from k8s.monitoring.dashboards.queries import (
    ASKED,
    MODELS,
    NAMESPACE,
    PROMOTED,
    VERSION,
    VERSIONS,
    failed_share,
    quantile,
    quantiles,
    rate,
    sum_by,
)
from k8s.monitoring.dashboards.queries import MODEL as OF_MODEL
from k8s.monitoring.dashboards.spec import BYTES, PER_SECOND, SECONDS, SHARE, Board, Look, Panel, Query, Row
from k8s.monitoring.objectives import Objectives

CALLS, DURATION = "hotshelf_calls_total", "hotshelf_call_duration_seconds"
ALIAS = "hotshelf_alias_info"
DRIFT = "hotshelf_input_drift_psi"
CREATED, DATA_END = "hotshelf_version_created_timestamp_seconds", "hotshelf_version_data_end_timestamp_seconds"


def one_model(objectives: Objectives) -> Board:
    """Everything that is counted of one model, by version."""
    return Board(
        "hotshelf-model",
        "Hotshelf, one model",
        "One model: traffic, errors, durations, inputs and outputs of its versions side by side, and their aliases.",
        (NAMESPACE, MODELS, VERSIONS),
        (
            Row("Now", _now(objectives)),
            Row("Versions side by side", _versions(objectives)),
            Row("Where calls wait", _waiting()),
            Row("Inputs and outputs", _values(objectives)),
        ),
        PROMOTED,
    )


def _now(objectives: Objectives) -> tuple[Panel, ...]:
    number, budget, seconds = Look.NUMBER, 1 - objectives.availability, objectives.latency.seconds
    alias = f"max by (alias, version) ({ALIAS}{{{OF_MODEL}}})"
    states = f"sum by (version, state) (hotshelf_version_state{{{VERSION}}}) > 0"
    return (
        Panel("Calls", (Query(sum_by("", rate(CALLS, VERSION))),), (CALLS,), PER_SECOND, number, 4),
        Panel(
            "Failed by the server's fault",
            (Query(failed_share(OF_MODEL)),),
            (CALLS,),
            SHARE,
            number,
            4,
            alerts=("HotshelfAvailabilityBurnsFast", "HotshelfAvailabilityBurnsSlowly"),
            limits=(budget, 10 * budget),
        ),
        Panel(
            "p99",
            (Query(quantile(0.99, DURATION, f"{VERSION},{ASKED}")),),
            (DURATION,),
            SECONDS,
            number,
            4,
            alerts=("HotshelfLatencyBurnsFast", "HotshelfLatencyBurnsSlowly"),
            limits=(seconds / 2, seconds),
        ),
        Panel("Aliases", (Query(alias),), (ALIAS,), look=Look.TABLE, width=6),
        Panel(
            "Replicas by version and state",
            (Query(states),),
            ("hotshelf_version_state",),
            look=Look.TABLE,
            width=6,
            alerts=("HotshelfVersionStuckLoading",),
        ),
    )


def _versions(objectives: Objectives) -> tuple[Panel, ...]:
    per_version = sum_by("namespace, model, version", rate(CALLS, VERSION))
    by_alias = f"max by (namespace, model, version, alias) ({ALIAS}{{{OF_MODEL}}}) * on (namespace, model, version)"
    return (
        Panel(
            "Calls", (Query(sum_by("version", rate(CALLS, VERSION)), "v{{version}}"),), (CALLS,), PER_SECOND, Look.STACK
        ),
        Panel(
            "Calls of the versions that an alias names",
            (Query(f"sum by (alias) ({by_alias} group_left () {per_version})", "{{alias}}"),),
            (ALIAS,),
            PER_SECOND,
        ),
        Panel(
            "Calls by code, but OK",
            (Query(sum_by("version, code", rate(CALLS, f'{OF_MODEL},code!="OK"')), "v{{version}} {{code}}"),),
            (CALLS,),
            PER_SECOND,
            note="Calls that reached no version have none.",
        ),
        Panel(
            "Failed by the server's fault",
            (Query(failed_share(VERSION, "version"), "v{{version}}"),),
            (CALLS,),
            SHARE,
            limits=(1 - objectives.availability,),
        ),
        Panel(
            "Duration",
            quantiles(DURATION, f"{VERSION},{ASKED}", "version", "v{{version}}", (0.5, 0.99)),
            (DURATION,),
            SECONDS,
            limits=(objectives.latency.seconds,),
            exemplars=True,
        ),
        Panel(
            "Computing",
            quantiles("hotshelf_compute_duration_seconds", VERSION, "version", "v{{version}}", (0.5, 0.99)),
            ("hotshelf_compute_duration_seconds",),
            SECONDS,
        ),
    )


def _waiting() -> tuple[Panel, ...]:
    rows, refused = "hotshelf_batch_rows", "hotshelf_calls_refused_total"
    mean = " / ".join(sum_by("version", rate(f"{rows}_{part}", VERSION)) for part in ("sum", "count"))
    queue = "hotshelf_queue_duration_seconds"
    return (
        Panel(
            "Waiting for a turn", quantiles(queue, VERSION, "version", "v{{version}}", (0.5, 0.99)), (queue,), SECONDS
        ),
        Panel(
            "Calls that wait",
            (Query(f"hotshelf_calls_waiting{{{OF_MODEL}}}", "{{instance}}"),),
            ("hotshelf_calls_waiting",),
        ),
        Panel(
            "Given up before the model answered",
            (Query(sum_by("reason", rate(refused, OF_MODEL)), "{{reason}}"),),
            (refused,),
            PER_SECOND,
            alerts=("HotshelfCallsRefused",),
        ),
        Panel("Rows of a computation", (Query(mean, "v{{version}}"),), (rows,), note="On average."),
        Panel(
            "Memory of a version",
            (Query(f"max by (version) (hotshelf_version_memory_bytes{{{VERSION}}})", "v{{version}}"),),
            ("hotshelf_version_memory_bytes",),
            BYTES,
        ),
        Panel(
            "Time of the last load",
            (Query(f"max by (version) (hotshelf_version_load_seconds{{{VERSION}}})", "v{{version}}"),),
            ("hotshelf_version_load_seconds",),
            SECONDS,
        ),
    )


def _values(objectives: Objectives) -> tuple[Panel, ...]:
    rows, output = "hotshelf_input_drift_rows", "hotshelf_output_value"
    return (
        Panel(
            "Drift of inputs",
            (Query(f"max by (version, feature) ({DRIFT}{{{VERSION}}})", "v{{version}} {{feature}}"),),
            (DRIFT,),
            alerts=("HotshelfInputDrift",),
            limits=(0.1, objectives.limits.drift_psi),
        ),
        Panel(
            "Rows that drift is computed from",
            (Query(f"sum by (version) ({rows}{{{VERSION}}})", "v{{version}}"),),
            (rows,),
        ),
        Panel(
            "Outputs",
            quantiles(output, VERSION, "version, output", "v{{version}} {{output}}", (0.1, 0.5, 0.9)),
            (output,),
        ),
        Panel(
            "Age of a version",
            (
                Query(
                    f"time() - max by (version) ({CREATED}{{{VERSION}}})",
                    "v{{version}}",
                ),
            ),
            (CREATED,),
            SECONDS,
            alerts=("HotshelfModelStale",),
        ),
        Panel(
            "Age of its newest data",
            (
                Query(
                    f"time() - max by (version) ({DATA_END}{{{VERSION}}})",
                    "v{{version}}",
                ),
            ),
            (DATA_END,),
            SECONDS,
            alerts=("HotshelfModelStale",),
        ),
    )
