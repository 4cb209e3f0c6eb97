"""The tables in docs/monitoring.md: what is promised, and what alerts."""

import re
from collections.abc import Iterable, Iterator

from k8s.monitoring.objectives import Objectives
from k8s.monitoring.rules.spec import Alert

BRANCH = re.compile(r"\{\{ (?:with|if) [^}]*\}\}(.*?)(?:\{\{ else \}\}.*?)?\{\{ end \}\}")
LABEL = re.compile(r"\{\{ \$labels\.(\w+) \}\}")


def with_tables(page: str, objectives: Objectives, alerts: Iterable[Alert]) -> str:
    """The page with its tables written anew. Raises `ValueError` where it has no place for one."""
    for name, rows in (("objectives", _promised(objectives)), ("alerts", _alerts(alerts))):
        page = _with_table(page, name, "".join(rows))
    return page


def _with_table(page: str, name: str, table: str) -> str:
    block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    made, found = block.subn(lambda found: found[1] + table + found[2], page)
    if found != 1:
        raise ValueError(f"{found} places for a table, expected one between <!-- {name} --> and <!-- end -->")
    return made


def _promised(objectives: Objectives) -> Iterator[str]:
    latency = objectives.latency
    available, fast = (f"{100 * share:.6g} %" for share in (objectives.availability, latency.objective))
    yield "| | now | what it means |\n|---|---|---|\n"
    failing = "of the calls that ask a model, over 30 days, don't fail by the server's fault"
    yield f"| `availability` | {available} | {failing} |\n"
    yield f"| `latency` | {fast} within {latency.seconds:g} s | of the same calls, measured inside the server |\n"


def _alerts(alerts: Iterable[Alert]) -> Iterator[str]:
    yield "| alert | severity | lasts | tells |\n|---|---|---|---|\n"
    for alert in alerts:
        told = LABEL.sub(r"*\1*", BRANCH.sub(r"\1", alert.summary)).replace("{{ . }}", "*model*")
        link = f"[{alert.name}](runbooks/{alert.name}.md)"
        yield f"| {link} | {alert.severity.value} | {alert.lasts} | {told} |\n"
