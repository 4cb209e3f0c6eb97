"""The table of alerts in docs/monitoring.md."""

import re
from collections.abc import Iterable, Iterator

from k8s.monitoring.rules.spec import Alert

BLOCK = re.compile(r"(<!-- alerts -->\n).*?(<!-- end -->)", re.DOTALL)
BRANCH = re.compile(r"\{\{ (?:with|if) [^}]*\}\}(.*?)(?:\{\{ else \}\}.*?)?\{\{ end \}\}")
LABEL = re.compile(r"\{\{ \$labels\.(\w+) \}\}")


def with_table(page: str, alerts: Iterable[Alert]) -> str:
    """The page with its table written anew. Raises `ValueError` where it has no place for one."""
    made, found = BLOCK.subn(lambda found: found[1] + "".join(_rows(alerts)) + found[2], page)
    if found != 1:
        raise ValueError(
            f"{found} places for the table of alerts, expected one between <!-- alerts --> and <!-- end -->"
        )
    return made


def _rows(alerts: Iterable[Alert]) -> Iterator[str]:
    yield "| alert | severity | lasts | tells |\n|---|---|---|---|\n"
    for alert in alerts:
        told = LABEL.sub(r"*\1*", BRANCH.sub(r"\1", alert.summary)).replace("{{ . }}", "*model*")
        link = f"[{alert.name}](runbooks/{alert.name}.md)"
        yield f"| {link} | {alert.severity.value} | {alert.lasts} | {told} |\n"
