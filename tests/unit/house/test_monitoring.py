"""What the monitoring component names exists: metrics, recorded series, runbooks, commands."""

import argparse
import json
import re
import shlex
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from hotshelf_cli.commands import GROUP
from k8s.monitoring.catalogue import OTHERS, known, series
from k8s.monitoring.dashboards.boards import boards
from k8s.monitoring.generate import COMPONENT, made
from k8s.monitoring.objectives import FILE, read
from k8s.monitoring.panels import asked
from k8s.monitoring.promql import series_of
from k8s.monitoring.rules.files import alerts, recordings

ROOT = Path(__file__).parents[3]
OBJECTIVES = read(FILE.read_text())
ALERTS = [alert for group in alerts(OBJECTIVES).values() for alert in group]
RECORDED = [rule for group in recordings(OBJECTIVES).values() for rule in group]
RUNBOOKS = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
BOARDS = sorted((COMPONENT / "dashboards").glob("*.json"))
HEADINGS = ["## What it means", "## How to look", "## What to do"]
EXISTING = {*series(), *(rule.name for rule in RECORDED), *OTHERS}
ENTRIES = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"][GROUP]
METRIC = re.compile(r"\b(?:hotshelf|nv_inference)_[a-z0-9_]+\b")
COMMAND = re.compile(r"\$ (?:kubectl .* -- )?hotshelf (.*)")
PACKAGES = {"hotshelf_server", "hotshelf_trainer", "hotshelf_client", "hotshelf_store", "hotshelf_cli"}


@cache
def blocks(path: Path, kind: str) -> list[str]:
    """The lines of a page's fenced blocks of a kind."""
    found = re.findall(rf"^ *```{kind}\n(.*?)^ *```", path.read_text(), re.MULTILINE | re.DOTALL)
    return [line.strip() for block in found for line in block.splitlines()]


@pytest.mark.parametrize("rule", [*ALERTS, *RECORDED], ids=lambda rule: rule.name)
def test_rule_reads_series_that_exist(rule: object) -> None:
    expr: str = rule.expr  # type: ignore[attr-defined]  # an alert or a recording
    assert series_of(expr) - EXISTING == set()


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_panel_asks_for_series_that_exist_and_says_what_it_shows(path: Path) -> None:
    board = json.loads(path.read_text())
    queries = [one.expr for one in asked(board)] + [one["expr"] for one in board["annotations"].get("list", ())]
    assert {name for query in queries for name in series_of(query)} - EXISTING == set()
    assert [panel["title"] for panel in board["panels"] if panel["type"] != "row" and not panel["description"]] == []


def test_dashboards_name_alerts_that_exist() -> None:
    named = {alert for board in boards(OBJECTIVES) for row in board.rows for one in row.panels for alert in one.alerts}
    assert named == {alert.name for alert in ALERTS}


def test_panels_of_a_dashboard_have_numbers_of_their_own() -> None:
    for path in BOARDS:
        numbers = [panel["id"] for panel in json.loads(path.read_text())["panels"]]
        assert len(set(numbers)) == len(numbers)


def test_the_component_lists_what_is_generated() -> None:
    component = yaml.safe_load((COMPONENT / "kustomization.yaml").read_text())
    files = [file for one in component["configMapGenerator"] for file in one["files"]]
    assert files == [f"dashboards/{path.name}" for path in BOARDS]
    assert set(component["resources"]) == {"podmonitors.yaml", "prometheusrule.yaml"}


def test_what_is_generated_is_committed() -> None:
    texts = dict(made(OBJECTIVES))
    assert {path: path.read_text() for path in texts} == texts
    folders = (COMPONENT / "rules", COMPONENT / "dashboards")
    assert {path for folder in folders for path in folder.iterdir()} <= texts.keys()


def test_kubernetes_files_name_metrics_that_exist() -> None:
    files = [path for path in (ROOT / "k8s").rglob("*.yaml") if path.parent.name != "rules"]
    assert files
    texts = [path.read_text() for path in files]
    names = {name for text in texts for name in METRIC.findall(text)}
    given = {name for text in texts for name in re.findall(r"\bname: \{as: (\w+)\}", text)}  # by prometheus-adapter
    fragments = {name.split(":")[1] for name in EXISTING if ":" in name}
    assert names - EXISTING - known().keys() - fragments - given - PACKAGES == set()


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_alert_says_what_and_where(alert: object) -> None:
    rule = alert.rule(OBJECTIVES.runbooks)  # type: ignore[attr-defined]  # an alert
    assert rule["for"]
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    assert rule["annotations"]["runbook_url"].endswith(f"/{rule['alert']}.md")


def test_the_readme_counts_the_alerts() -> None:
    assert f" {len(ALERTS)} alerts with a runbook each" in (ROOT / "README.md").read_text()


def test_every_runbook_is_of_an_alert_and_every_alert_has_one() -> None:
    assert {path.stem for path in RUNBOOKS} == {alert.name for alert in ALERTS}


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_runbook_has_its_parts(path: Path) -> None:
    text = path.read_text()
    assert text.startswith(f"# {path.stem}\n\n")
    assert re.findall(r"^## .*", text, re.MULTILINE) == HEADINGS
    assert blocks(path, "console") or blocks(path, "promql")
    for link in re.findall(r"\]\((\w+\.md)\)", text):
        assert path.with_name(link).is_file(), link


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_runbook_asks_for_series_that_exist(path: Path) -> None:
    named = {name for line in blocks(path, "promql") for name in series_of(line)}
    assert named - EXISTING == set()


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_runbook_s_commands_are_understood(path: Path) -> None:
    for line in blocks(path, "console"):
        command = COMMAND.match(line)
        if command is None:
            continue
        words = shlex.split(command[1])
        module, kind = ENTRIES[words[0]].split(":")
        parser = argparse.ArgumentParser(exit_on_error=False)
        getattr(import_module(module), kind)().configure(parser)
        parser.parse_args(words[1:])


def test_the_resource_has_the_groups_of_all_files() -> None:
    files = sorted((COMPONENT / "rules").glob("*.yaml"))
    groups = [group for path in files for group in yaml.safe_load(path.read_text())["groups"]]
    resource = yaml.safe_load((COMPONENT / "prometheusrule.yaml").read_text())
    by_name = {group["name"]: group for group in groups}
    assert {group["name"]: group for group in resource["spec"]["groups"]} == by_name
    assert len(groups) == len(by_name)
