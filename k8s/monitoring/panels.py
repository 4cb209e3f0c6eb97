"""What the panels of a dashboard's JSON ask, as Grafana would ask it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::\w+)?\})")
LABEL_VALUES = re.compile(r"label_values\((.*),\s*(\w+)\)")


@dataclass(frozen=True, slots=True)
class Asked:
    """One query of a panel, and how its series are named."""

    panel: str
    expr: str
    legend: str


def asked(board: Mapping[str, Any]) -> Iterator[Asked]:
    """Every query of a dashboard."""
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield Asked(panel["title"], target["expr"], target.get("legendFormat", ""))


def choices(board: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The variables that are filled by a query: name, selector of series, and the label whose values they take."""
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            found = LABEL_VALUES.fullmatch(variable["query"])
            if found is None:
                raise ValueError(f"{variable['query']!r} is no label_values(SELECTOR, LABEL)")
            yield variable["name"], found[1], found[2]


def substituted(text: str, values: Mapping[str, str]) -> str:
    """A query with values for its variables. Raises `KeyError` for a variable without one."""
    return VARIABLE.sub(lambda found: values[found[1] or found[2]], text)
