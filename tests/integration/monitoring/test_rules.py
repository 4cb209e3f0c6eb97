"""Prometheus' own linter and unit tests of the rules: every alert fires when it should, and not when it shouldn't."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from k8s.monitoring.generate import COMPONENT
from k8s.monitoring.objectives import FILE, read
from k8s.monitoring.rules.files import alerts
from tests.integration.conftest import wait_until
from tests.integration.metrics.prometheus import Prometheus, program

TESTS = sorted((Path(__file__).parent / "rules").glob("*.test.yaml"))
NAMES = {alert.name for group in alerts(read(FILE.read_text())).values() for alert in group}


def cases(*, firing: bool) -> Iterator[str]:
    """The alert of every case that says so."""
    for path in TESTS:
        for test in yaml.safe_load(path.read_text())["tests"]:
            yield from (one["alertname"] for one in test["alert_rule_test"] if bool(one["exp_alerts"]) is firing)


def promtool(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program("promtool"), *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120
    )


def test_promtool_takes_the_rules() -> None:
    checked = promtool("check", "rules", *sorted((COMPONENT / "rules").glob("*.yaml")))
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_alerts_fire_when_they_should(path: Path) -> None:
    tested = promtool("test", "rules", path)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_every_rule_is_evaluated_and_records_something(watched: Prometheus) -> None:
    def rules() -> list[dict[str, Any]]:
        return [rule for group in watched.get("rules")["groups"] for rule in group["rules"]]

    wait_until(lambda: all(rule["health"] != "unknown" for rule in rules()))
    assert {rule["name"]: rule.get("lastError") for rule in rules() if rule["health"] != "ok"} == {}
    recorded = [rule["name"] for rule in rules() if rule["type"] == "recording"]
    wait_until(lambda: [name for name in recorded if not watched.get("query", query=name)["result"]] == [])
    assert {rule["name"] for rule in rules() if rule["type"] == "alerting"} == NAMES


def test_every_alert_has_a_case_where_it_fires_and_one_where_it_does_not() -> None:
    assert set(cases(firing=True)) == NAMES
    assert set(cases(firing=False)) == NAMES
