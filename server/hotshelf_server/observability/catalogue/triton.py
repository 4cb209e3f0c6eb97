"""Triton's inference metrics under its exact names (docs/user_guide/metrics.md of triton-inference-server/server).

They are counters without the suffix that Prometheus' formats want, so they are exported untyped. Every one can be had
from ours, which add up over replicas into quantiles: these are for dashboards and autoscalers that exist already.
"""

from hotshelf_server.observability.catalogue.spec import VERSION, Kind, MetricSpec, Over

OURS = "Triton's name; ours is "


def _duration(what: str, text: str, ours: str) -> MetricSpec:
    name = f"nv_inference_{what}_duration_us"
    return MetricSpec(name, Kind.UNTYPED, f"{text}, of answered requests, in microseconds.", OURS + ours, VERSION)


SUCCESS = MetricSpec(
    "nv_inference_request_success",
    Kind.UNTYPED,
    "Requests that were answered.",
    OURS + "hotshelf_calls_total.",
    VERSION,
)
FAILURE = MetricSpec(
    "nv_inference_request_failure",
    Kind.UNTYPED,
    "Requests that failed at a version, by Triton's reasons: REJECTED, CANCELED, BACKEND and OTHER.",
    OURS + "hotshelf_calls_total.",
    (*VERSION, "reason"),
)
INFERENCES = MetricSpec(
    "nv_inference_count", Kind.UNTYPED, "Rows that were answered.", OURS + "hotshelf_batch_rows_sum.", VERSION
)
EXECUTIONS = MetricSpec(
    "nv_inference_exec_count", Kind.UNTYPED, "Computations.", OURS + "hotshelf_batch_rows_count.", VERSION
)
PENDING = MetricSpec(
    "nv_inference_pending_request_count",
    Kind.GAUGE,
    "Requests that wait for their turn.",
    OURS + "hotshelf_calls_waiting, by model alone.",
    VERSION,
    over=Over.SUM,
)
REQUEST_US = _duration("request", "Whole duration", "hotshelf_call_duration_seconds.")
QUEUE_US = _duration("queue", "Time in the queue", "hotshelf_queue_duration_seconds.")
INPUT_US = _duration("compute_input", "Time spent on inputs", "none: see hotshelf_call_duration_seconds.")
INFER_US = _duration("compute_infer", "Time that the model computed", "hotshelf_compute_duration_seconds.")
OUTPUT_US = _duration("compute_output", "Time spent on outputs", "none: see hotshelf_call_duration_seconds.")

TRITON_METRICS = (
    SUCCESS,
    FAILURE,
    INFERENCES,
    EXECUTIONS,
    PENDING,
    REQUEST_US,
    QUEUE_US,
    INPUT_US,
    INFER_US,
    OUTPUT_US,
)
