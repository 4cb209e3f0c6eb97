"""One endpoint tells the metrics of all workers, in the words and forms of one process."""

import subprocess
import urllib.request

from prometheus_client.core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.samples import Exemplar

from hotshelf_server.observability.catalogue import CATALOGUE, TRITON_METRICS
from tests.e2e.server_process import ServerProcess, wait_until
from tests.e2e.workers.crew import CALL, metric, reaching_all
from tests.integration.metrics.conftest import OPENMETRICS, SPAN, TRACE, TRACEPARENT
from tests.integration.metrics.prometheus import program
from tests.integration.metrics.test_scrape import assert_exactly


def text(server: ServerProcess, accept: str = "text/plain") -> str:
    request = urllib.request.Request(f"http://localhost:{server.metrics_port}/metrics", headers={"Accept": accept})
    with urllib.request.urlopen(request) as answer:
        return str(answer.read().decode())


def families(server: ServerProcess) -> dict[str, Metric]:
    """By name, as OpenMetrics' own strict parser reads them."""
    found = text_string_to_metric_families(text(server, OPENMETRICS))  # type: ignore[no-untyped-call]  # prometheus_client types its core alone
    return {one.name: one for one in found}


def test_all_workers_together_export_the_catalogue_and_nothing_else(server: ServerProcess) -> None:
    wait_until(lambda: metric(server, "hotshelf_workers") == 2)
    calls = metric(server, "hotshelf_calls_total", method="ModelInfer", code="OK")
    with reaching_all(server, 2) as stubs:
        for stub in stubs:
            stub.ModelInfer(CALL, timeout=20)
        assert metric(server, "hotshelf_calls_total", method="ModelInfer", code="OK") == calls + len(stubs)
    assert_exactly(families(server), [spec for spec in CATALOGUE if spec not in TRITON_METRICS])


def test_buckets_lead_to_the_traces_of_calls_to_any_worker(server: ServerProcess) -> None:
    def traced() -> list[Exemplar]:
        for stub in stubs:
            stub.ModelInfer(CALL, timeout=20, metadata=(TRACEPARENT,))
        samples = families(server)["hotshelf_call_duration_seconds"].samples
        return [one.exemplar for one in samples if one.exemplar]

    with reaching_all(server, 2) as stubs:
        wait_until(traced)  # each bucket takes one exemplar a second
        assert all(one.labels == {"trace_id": TRACE, "span_id": SPAN} for one in traced())


def test_promtool_finds_nothing_in_the_metrics_of_all_workers(server: ServerProcess) -> None:
    done = subprocess.run(
        [program("promtool"), "check", "metrics"], input=text(server), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_bounds_of_the_server_are_the_sum_of_its_workers_shares(server: ServerProcess) -> None:
    assert metric(server, "hotshelf_calls_limit") == 1024
    assert metric(server, "hotshelf_ready") == 1
