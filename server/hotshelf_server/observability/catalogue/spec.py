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


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """One metric.

    ``name`` is without what the formats add; ``help`` is what Prometheus shows; ``action`` tells an operator what it
    means when the metric looks wrong, and what to do. ``bounds`` are a histogram's upper bounds, ascending, without the
    infinite one. ``unit`` is empty for plain counts.
    """

    name: str
    kind: Kind
    help: str
    action: str
    labels: tuple[str, ...] = ()
    unit: str = ""
    bounds: tuple[float, ...] = ()

    @property
    def exported(self) -> str:
        """The name to ask Prometheus for; a histogram's series add ``_bucket``, ``_sum`` and ``_count``."""
        return self.name + SUFFIXES.get(self.kind, "")
