"""What is said of a metric, beside its value."""

from dataclasses import dataclass
from enum import Enum

VERSION = ("model", "version")
"""The labels of what is told of a version."""


class Kind(Enum):
    """The kinds of Prometheus' exposition formats. ``UNTYPED`` are counters whose names it would change."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    INFO = "info"
    UNTYPED = "unknown"


SUFFIXES = {Kind.COUNTER: "_total", Kind.INFO: "_info"}
"""What the formats add to a name."""


class Over(Enum):
    """What a server with several workers tells of a metric that each of them tells of itself."""

    TOTAL = "total"
    """The sum of all that was ever counted, by workers that have ended as well: it never falls."""
    COUNTED_ALIKE = "counted alike"
    """Each worker counts the same events: what the one tells that has seen most of them. It never falls either."""
    SUM = "sum"
    MEAN = "mean"
    HIGHEST = "highest"
    LOWEST = "lowest"
    LEAST_ADVANCED = "least advanced"
    """The one state, of those in which workers have a version, that keeps it longest from being ready."""


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """One metric.

    ``name`` is without what the formats add; ``help`` is what Prometheus shows; ``action`` tells an operator what it
    means when the metric looks wrong, and what to do. ``bounds`` are a histogram's upper bounds, ascending, without the
    infinite one. ``unit`` is empty for plain counts. ``over`` says how workers' values become the server's; a gauge has
    to say it (`ValueError`).
    """

    name: str
    kind: Kind
    help: str
    action: str
    labels: tuple[str, ...] = ()
    unit: str = ""
    bounds: tuple[float, ...] = ()
    over: Over | None = None

    def __post_init__(self) -> None:
        if self.over is None and self.kind in (Kind.GAUGE, Kind.INFO):
            raise ValueError(f"{self.name}: a gauge has to say what it is over several workers")

    @property
    def over_workers(self) -> Over:
        """How workers' values become the server's: counts add up unless they say otherwise."""
        return self.over or Over.TOTAL

    @property
    def exported(self) -> str:
        """The name to ask Prometheus for; a histogram's series add ``_bucket``, ``_sum`` and ``_count``."""
        return self.name + SUFFIXES.get(self.kind, "")
