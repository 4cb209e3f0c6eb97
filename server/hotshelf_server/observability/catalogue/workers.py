"""Metrics of a server with several workers. Its parent process tells them; a server of one process has none of them."""

from hotshelf_server.observability.catalogue.spec import Kind, MetricSpec, Over

WORKERS = MetricSpec(
    "hotshelf_workers",
    Kind.GAUGE,
    "Workers that take calls.",
    "Below the setting workers for long: one doesn't become ready again after it was restarted; the log says why.",
    over=Over.SUM,
)
RESTARTS = MetricSpec(
    "hotshelf_worker_restarts",
    Kind.COUNTER,
    "Workers that died and were started again, by their number. A rolling restart doesn't count.",
    "Grows: the log has the signal. Without one, look for a model that crashes, and at the memory limit.",
    ("worker",),
)
CONNECTIONS = MetricSpec(
    "hotshelf_worker_connections",
    Kind.GAUGE,
    "Connections of clients to each worker. Linux alone.",
    "Very uneven: few clients, each with one connection that stays with its worker. Give clients more connections, or "
    "lower max_connection_age.",
    ("worker",),
    over=Over.SUM,
)

WORKER_METRICS = (WORKERS, RESTARTS, CONNECTIONS)
