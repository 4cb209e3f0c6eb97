"""What is said of a rule, and how it is written down."""

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Severity(Enum):
    """Whom an alert concerns, in the words of kube-prometheus: someone now, or someone in the next days."""

    CRITICAL = "critical"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Recording:
    """A query whose answer is kept under a name of the form level:metric:operations."""

    name: str
    expr: str

    def rule(self) -> dict[str, Any]:
        """As Prometheus reads it."""
        return {"record": self.name, "expr": self.expr}


@dataclass(frozen=True, slots=True)
class Alert:
    """A query that should have no answer, and what is told when it has one for as long as ``lasts``.

    ``summary`` and ``description`` are Go templates over ``$labels`` and ``$value``.
    """

    name: str
    expr: str
    lasts: str
    severity: Severity
    summary: str
    description: str

    def rule(self, runbooks: str) -> dict[str, Any]:
        """As Prometheus reads it; ``runbooks`` is where their folder is found."""
        return {
            "alert": self.name,
            "expr": self.expr,
            "for": self.lasts,
            "labels": {"severity": self.severity.value},
            "annotations": {
                "summary": self.summary,
                "description": self.description,
                "runbook_url": f"{runbooks.rstrip('/')}/{self.name}.md",
            },
        }
