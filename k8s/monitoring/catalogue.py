"""Every metric that rules and dashboards may name."""

from collections.abc import Iterator, Mapping

from hotshelf_server.observability.catalogue import CATALOGUE, Kind, MetricSpec

VERSION = ("model", "version")

SERVER_NOT_YET = (
    MetricSpec(
        "hotshelf_input_drift_psi",
        Kind.GAUGE,
        "Population stability index of a sample of recent rows against the training profile, by feature.",
        "Above 0.1 look, above 0.25 act: the model is asked about other rows than it learned from.",
        (*VERSION, "feature"),
    ),
    MetricSpec(
        "hotshelf_input_drift_rows",
        Kind.GAUGE,
        "Rows that the population stability indices are computed from.",
        "Few rows say little about drift.",
        VERSION,
    ),
    MetricSpec(
        "hotshelf_output_value",
        Kind.HISTOGRAM,
        "Values of numeric outputs in a sample of answers.",
        "Shifted against the version before it on the same traffic: look at the report of the training.",
        (*VERSION, "output"),
    ),
    MetricSpec(
        "hotshelf_recommendation_coverage_ratio",
        Kind.GAUGE,
        "Share of the catalogue's products that a replica recommended in the last hour.",
        "Falls: recommendations narrow down to what is popular.",
        VERSION,
    ),
)
"""Of the server, and on their way into its catalogue. What has arrived there goes over these: take it off then."""

TRAINER = (
    MetricSpec(
        "hotshelf_trainings",
        Kind.GAUGE,
        "Trainings by state.",
        "QUEUED grows: more is asked for than the trainer can do.",
        ("state",),
    ),
    MetricSpec(
        "hotshelf_trainings_ended",
        Kind.COUNTER,
        "Trainings that ended, by how.",
        "FAILED, LOST: `hotshelf trainings list` says why. REFUSED: see the gate's verdict in the report.",
        ("model", "state"),
    ),
    MetricSpec(
        "hotshelf_training_duration_seconds",
        Kind.HISTOGRAM,
        "Time that trainings took.",
        "Grows: the data have grown, or the processor is shared.",
        ("model",),
        "seconds",
    ),
    MetricSpec(
        "hotshelf_training_success_timestamp_seconds",
        Kind.GAUGE,
        "When a training last succeeded, or found that none was needed, in seconds since the epoch.",
        "Old: see which trainings have failed since.",
        ("model",),
        "seconds",
    ),
    MetricSpec(
        "hotshelf_training_waiting_seconds",
        Kind.GAUGE,
        "Longest time that a training has been waiting for its turn.",
        "Grows: one does not end, or there are too many.",
        unit="seconds",
    ),
    MetricSpec(
        "hotshelf_schedule_next_timestamp_seconds",
        Kind.GAUGE,
        "When a schedule begins its next training, in seconds since the epoch.",
        "In the past: the schedule is overdue.",
        ("schedule",),
        "seconds",
    ),
    MetricSpec(
        "hotshelf_trainer_build", Kind.INFO, "Version of the trainer.", "Differs from the servers'.", ("version",)
    ),
)
"""Of the trainer; to be taken from its own catalogue once it has one."""

OTHERS = frozenset({"up", "ALERTS", "kube_pod_container_resource_limits"})
"""Metrics of Prometheus itself, and of kube-state-metrics."""


def known() -> Mapping[str, MetricSpec]:
    """Every metric of server and trainer by the name to ask Prometheus for."""
    return {one.exported: one for one in (*TRAINER, *SERVER_NOT_YET, *CATALOGUE)}


def missing() -> frozenset[str]:
    """Those that nothing exports yet."""
    exported = {one.exported for one in CATALOGUE}
    return frozenset(one.exported for one in (*TRAINER, *SERVER_NOT_YET)) - exported


def series(specs: Mapping[str, MetricSpec]) -> Iterator[str]:
    """The names of the series of these metrics: a histogram has three."""
    for name, spec in specs.items():
        if spec.kind is Kind.HISTOGRAM:
            yield from (name + suffix for suffix in ("_bucket", "_sum", "_count"))
        else:
            yield name


def metric_of(name: str) -> str:
    """The metric that a series belongs to."""
    for suffix in ("_bucket", "_sum", "_count"):
        if name.endswith(suffix) and known().get(name.removesuffix(suffix)) is not None:
            return name.removesuffix(suffix)
    return name
