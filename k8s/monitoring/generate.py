"""Writes the monitoring component's rules and dashboards, and the tables of docs/monitoring.md: ``make monitoring``."""

from collections.abc import Iterator
from pathlib import Path

from k8s.monitoring.dashboards.boards import boards
from k8s.monitoring.dashboards.build import as_json
from k8s.monitoring.objectives import FILE, Objectives, read
from k8s.monitoring.page import with_tables
from k8s.monitoring.rules.files import alerts, as_file, as_resource, rule_files

ROOT = Path(__file__).resolve().parents[2]
COMPONENT = ROOT / "k8s" / "components" / "monitoring"
PAGE = ROOT / "docs" / "monitoring.md"


def made(objectives: Objectives) -> Iterator[tuple[Path, str]]:
    """Every file with its text."""
    rules = rule_files(objectives)
    for name, groups in rules.items():
        yield COMPONENT / "rules" / name, as_file(groups)
    yield COMPONENT / "prometheusrule.yaml", as_resource(group for groups in rules.values() for group in groups)
    for board in boards(objectives):
        yield COMPONENT / "dashboards" / f"{board.uid}.json", as_json(board, objectives.runbooks)
    yield (
        PAGE,
        with_tables(PAGE.read_text(), objectives, (alert for group in alerts(objectives).values() for alert in group)),
    )


def main() -> None:
    """Write them all."""
    for path, text in made(read(FILE.read_text())):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main()
