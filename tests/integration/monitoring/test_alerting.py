"""From a server through a real Prometheus and a real Alertmanager to whoever is told."""

import subprocess
from pathlib import Path
from typing import Any

import yaml

from hotshelf_store import Store
from k8s.monitoring.generate import COMPONENT
from tests.fakes.bundles import publish_lightgbm
from tests.integration.conftest import WAIT, Serve, wait_until
from tests.integration.metrics.prometheus import program, scraping
from tests.integration.monitoring.alertmanager import EXAMPLE, alerting, receiving

ALERT = "HotshelfCanaryTakenBack"
TAKEN_BACK = 'hotshelf_canaries_ended_total{model="toy",outcome="taken_back"}'


def impatient_rules(folder: Path) -> Path:
    """A copy of the rules whose alerts fire without lasting, their expressions unchanged."""
    rules: dict[str, Any] = yaml.safe_load((COMPONENT / "rules" / "models.yaml").read_text())
    for group in rules["groups"]:
        for rule in group["rules"]:
            rule["for"] = "0s"
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules))
    return folder / "rules.yaml"


def test_a_canary_that_is_taken_back_reaches_the_webhook(serve: Serve, store: Store, tmp_path: Path) -> None:
    for trees in (3, 4):
        publish_lightgbm(store, tmp_path / str(trees), trees=trees)
    store.set_alias("toy", "champion", {1: 90, 2: 10}, force=True, reason="canary")
    running = serve()
    with receiving() as receiver, alerting(tmp_path, receiver) as alertmanager:
        config = {
            "rule_files": [str(impatient_rules(tmp_path))],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
        }
        target = f"localhost:{running.server.metrics.port}"
        with scraping(tmp_path, target, job="hotshelf-server", config=config) as prometheus:
            wait_until(lambda: prometheus.value(TAKEN_BACK) == 0)
            store.set_alias("toy", "champion", {1: 1}, force=True, reason="its errors")
            path, message = receiver.messages.get(timeout=WAIT)
            assert prometheus.value(f'ALERTS{{alertname="{ALERT}",alertstate="firing"}}') == 1
    assert path == "/tickets"
    assert message["groupLabels"] == {"alertname": ALERT, "model": "toy"}
    (alert,) = message["alerts"]
    assert alert["status"] == "firing"
    assert alert["labels"] == {"alertname": ALERT, "model": "toy", "severity": "warning"}
    assert alert["annotations"]["summary"] == "The canary of model toy was taken back"
    assert alert["annotations"]["runbook_url"] == f"docs/runbooks/{ALERT}.md"


def test_alertmanager_takes_the_example() -> None:
    checked = subprocess.run(
        [program("amtool", "prometheus-alertmanager"), "check-config", str(EXAMPLE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_whoever_is_paged_is_paged_for_what_is_critical_alone() -> None:
    ask = [program("amtool", "prometheus-alertmanager"), "config", "routes", "test", f"--config.file={EXAMPLE}"]
    for severity, receiver in (("critical", "pager"), ("warning", "tickets")):
        routed = subprocess.run(
            [*ask, f"severity={severity}", "alertname=Any"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert routed.stdout.strip() == receiver
