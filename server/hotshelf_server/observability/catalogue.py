"""Every metric of the server: name, kind, labels, and what it tells. Nothing is exported that is not named here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """One metric. ``help`` is what Prometheus shows."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...] = ()


CALLS = MetricSpec(
    "hotshelf_calls",
    "counter",
    "Calls that ended, by gRPC status code.",
    ("method", "model", "version", "code"),
)
CALL_SECONDS = MetricSpec(
    "hotshelf_call_duration_seconds",
    "histogram",
    "Duration of calls inside the server, of all codes.",
    ("method", "model", "version"),
)
RUNNING = MetricSpec("hotshelf_calls_running", "gauge", "Calls that run now.")
WAITING = MetricSpec("hotshelf_calls_waiting", "gauge", "Calls that wait for their turn.", ("model",))
SHADOW_CALLS = MetricSpec(
    "hotshelf_shadow_calls",
    "counter",
    "Copies of calls for a shadow version: answered the same as the call or differently, failed, or dropped.",
    ("model", "version", "outcome"),
)
STATE = MetricSpec(
    "hotshelf_version_state",
    "gauge",
    "1 for the state that a version is in on this replica.",
    ("model", "version", "state"),
)
LOAD_SECONDS = MetricSpec(
    "hotshelf_version_load_seconds",
    "gauge",
    "Seconds that the last load took, checks and replay included.",
    ("model", "version"),
)
LOAD_FAILURES = MetricSpec(
    "hotshelf_version_load_failures",
    "counter",
    "Attempts to load a version that failed since it was wanted.",
    ("model", "version"),
)
ROUTE = MetricSpec(
    "hotshelf_route_weight",
    "gauge",
    "Share of an alias's traffic that a version takes, relative to the other versions of the alias.",
    ("model", "alias", "version"),
)
READY = MetricSpec("hotshelf_ready", "gauge", "1 while the server may be sent traffic.")
STORE_ERRORS = MetricSpec("hotshelf_store_errors", "counter", "Failures to read the store.")
BUILD = MetricSpec("hotshelf_build", "info", "Version of the server.")

DURATION_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds."""
