"""A real Prometheus takes what the server exports, exemplars too, and its linter has nothing to say."""

import subprocess
import time
from pathlib import Path

from tests.integration.conftest import Running, wait_until
from tests.integration.metrics.conftest import SPAN, TRACE, scrape
from tests.integration.metrics.prometheus import program, scraping


def test_promtool_finds_nothing_in_names_and_help(called: Running) -> None:
    checked = subprocess.run(
        [program("promtool"), "check", "metrics"], input=scrape(called)[1], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_prometheus_scrapes_the_server_and_keeps_the_exemplars(called: Running, tmp_path: Path) -> None:
    target = f"localhost:{called.server.metrics.port}"
    with scraping(tmp_path, target) as prometheus:
        wait_until(lambda: prometheus.value("up") == 1)
        answered = 'hotshelf_calls_total{model="toy",version="1",method="ModelInfer",code="OK"}'
        wait_until(lambda: prometheus.value(answered) == 2)
        assert prometheus.value('sum by (model) (hotshelf_batch_rows_sum{model="toy"})') == 4
        by_alias = 'hotshelf_calls_total{code="OK"} * on(model, version) group_left(alias) hotshelf_alias_info'
        assert prometheus.value(by_alias) == 2
        (found,) = prometheus.get("targets", state="active")["activeTargets"]
        assert found["lastError"] == ""
        now = time.time()
        query = 'hotshelf_call_duration_seconds_bucket{method="ModelInfer"}'
        (series, *_) = prometheus.get("query_exemplars", query=query, start=now - 600, end=now + 60)
        assert series["seriesLabels"]["model"] == "toy"
        assert series["exemplars"][0]["labels"] == {"trace_id": TRACE, "span_id": SPAN}
