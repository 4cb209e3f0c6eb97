"""What is said of a dashboard: rows of panels, and what each asks Prometheus."""

from dataclasses import dataclass
from enum import Enum

from grafana_foundation_sdk.models import units

COUNT = units.Short
PER_SECOND = units.RequestsPerSecond
SECONDS = units.Seconds
SHARE = units.PercentUnit
BYTES = units.BytesIEC


class Look(Enum):
    """How a panel shows what it found."""

    LINES = "lines"
    STACK = "stack"
    NUMBER = "number"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL with Grafana's variables, and a template for the name of each series."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel.

    ``metrics`` are what its description is taken from, ``note`` what the catalogue can't say, ``alerts`` those that
    watch the same. From the first of ``limits`` on it turns yellow, from the second on red. ``width`` is of 24.
    """

    title: str
    queries: tuple[Query, ...]
    metrics: tuple[str, ...]
    unit: str = COUNT
    look: Look = Look.LINES
    width: int = 8
    note: str = ""
    alerts: tuple[str, ...] = ()
    limits: tuple[float, ...] = ()
    exemplars: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under one title."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A choice at the top, filled by a query. Without ``every`` one value is chosen, with it all are at first."""

    name: str
    query: str
    every: bool = True


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard; its file is named as its ``uid``. ``event`` marks in all graphs when something happened."""

    uid: str
    title: str
    about: str
    variables: tuple[Variable, ...]
    rows: tuple[Row, ...]
    event: Query | None = None
