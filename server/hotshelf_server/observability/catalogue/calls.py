"""Metrics of calls: rate, errors and duration, and where calls wait or are turned away."""

from hotshelf_server.observability.catalogue.spec import VERSION, Kind, MetricSpec, Over

DURATION_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Upper bounds in seconds, the same for all durations, so that they can be summed and compared."""

ROW_BUCKETS = tuple(float(1 << power) for power in range(13))
"""Upper bounds in rows: powers of two to 4096."""

SCORE_BUCKETS = (-10.0, -5.0, -2.0, -1.0, -0.5, -0.2, 0.0, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)

SERIES = ("method", "model", "version")

CALLS = MetricSpec(
    "hotshelf_calls",
    Kind.COUNTER,
    "Calls that ended, by gRPC status code. Model and version are empty where the call reached none that is served.",
    "INTERNAL: the model or the server is at fault, the log says which. UNAVAILABLE: nothing is loaded, or the server "
    "drains. CANCELLED: callers leave; compare their deadlines with the durations. INVALID_ARGUMENT: a caller's data "
    "doesn't fit the signature.",
    (*SERIES, "code"),
)
CALL_SECONDS = MetricSpec(
    "hotshelf_call_duration_seconds",
    Kind.HISTOGRAM,
    "Duration of calls inside the server, of all codes.",
    "Look whether queue or compute has grown. If neither has, the processor is short: see process_cpu_seconds_total.",
    SERIES,
    "seconds",
    DURATION_BUCKETS,
)
QUEUE_SECONDS = MetricSpec(
    "hotshelf_queue_duration_seconds",
    Kind.HISTOGRAM,
    "Time that answered calls waited for their turn.",
    "Add replicas, or raise threads or the model's concurrency if the processor is idle.",
    SERIES,
    "seconds",
    DURATION_BUCKETS,
)
COMPUTE_SECONDS = MetricSpec(
    "hotshelf_compute_duration_seconds",
    Kind.HISTOGRAM,
    "Time that the model computed for answered calls; calls of a batch have the batch's.",
    "Compare the versions side by side: a slower one can be rolled back. If all have slowed, requests have grown "
    "or the processor is shared.",
    SERIES,
    "seconds",
    DURATION_BUCKETS,
)
BATCH_ROWS = MetricSpec(
    "hotshelf_batch_rows",
    Kind.HISTOGRAM,
    "Rows of each computation, of one call or of several that were joined.",
    "All in the lowest bucket with batching on: calls come too rarely to be joined; lower max_delay_seconds.",
    VERSION,
    "rows",
    ROW_BUCKETS,
)
RUNNING = MetricSpec(
    "hotshelf_calls_running",
    Kind.GAUGE,
    "Calls in flight: they compute or wait for their turn.",
    "Near hotshelf_calls_limit, calls are about to be refused: add replicas.",
    over=Over.SUM,
)
LIMIT = MetricSpec(
    "hotshelf_calls_limit",
    Kind.GAUGE,
    "Calls that may be in flight, beyond which they are refused: the setting max_calls.",
    "Nothing: it is there to be compared with.",
    over=Over.SUM,
)
WAITING = MetricSpec(
    "hotshelf_calls_waiting",
    Kind.GAUGE,
    "Calls that wait for their turn, by model.",
    "Grows: the model can't keep up. Add replicas, or turn batching on.",
    ("model",),
    over=Over.SUM,
)
STREAMS = MetricSpec(
    "hotshelf_streams_open",
    Kind.GAUGE,
    "Streams that are open.",
    "Near the setting max_streams, new ones are about to be refused: raise it, or add replicas.",
    over=Over.SUM,
)
REFUSED = MetricSpec(
    "hotshelf_calls_refused",
    Kind.COUNTER,
    "Calls that were given up before the model answered, by reason. They are in hotshelf_calls_total, too.",
    "server_full, streams_full, queue_full: overload, add replicas. deadline_unmeetable, deadline_passed, "
    "waited_too_long: callers want it sooner than it can be had. draining: the replica stops; clients go elsewhere. "
    "caller_gone: callers gave up while they waited.",
    ("method", "model", "reason"),
)
SHADOW_CALLS = MetricSpec(
    "hotshelf_shadow_calls",
    Kind.COUNTER,
    "Copies of calls for a shadow version, by outcome: same, different, failed or dropped.",
    "different or failed: look at the version before it is promoted. dropped: the shadow is slower than the traffic.",
    (*VERSION, "outcome"),
)
RECOMMENDATIONS = MetricSpec(
    "hotshelf_recommendations",
    Kind.COUNTER,
    "Answers of Recommend, by why they are less personal than asked for; none for those that are not.",
    "A growing share of unknown_customer: the model is stale, or callers send other customer ids than it learned.",
    (*VERSION, "fallback"),
)
RECOMMENDATION_SCORE = MetricSpec(
    "hotshelf_recommendation_score",
    Kind.HISTOGRAM,
    "Score of the first product of each answer of Recommend; not summed, since scores have both signs.",
    "Shifted against the version before it on the same traffic: look at the report of the training.",
    VERSION,
    bounds=SCORE_BUCKETS,
)

CALL_METRICS = (
    CALLS,
    CALL_SECONDS,
    QUEUE_SECONDS,
    COMPUTE_SECONDS,
    BATCH_ROWS,
    RUNNING,
    LIMIT,
    WAITING,
    STREAMS,
    REFUSED,
    SHADOW_CALLS,
    RECOMMENDATIONS,
    RECOMMENDATION_SCORE,
)
