"""A real Prometheus that scrapes servers as a PodMonitor would have it: by job, namespace and pod."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socket import create_server

from tests.integration.conftest import Running, wait_until
from tests.integration.metrics.prometheus import Prometheus, program

JOB, NAMESPACE = "hotshelf-server", "hotshelf"


@contextmanager
def scraping_pods(folder: Path, pods: Mapping[str, Running]) -> Iterator[Prometheus]:
    """One target for each pod, by its name, each second."""
    command = program("prometheus")
    targets = [
        {
            "targets": [f"localhost:{running.server.metrics.port}"],
            "labels": {"namespace": NAMESPACE, "pod": pod},
        }
        for pod, running in pods.items()
    ]
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [{"job_name": JOB, "static_configs": targets}],
    }
    (folder / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = folder / "prometheus.log"
    arguments = [
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with log.open("wb") as out, subprocess.Popen([command, *arguments], stdout=out, stderr=out) as process:
        try:
            prometheus = Prometheus(port)
            wait_until(lambda: _answers(prometheus, process, log))
            yield prometheus
        finally:
            process.terminate()


def _answers(prometheus: Prometheus, process: subprocess.Popen[bytes], log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    try:
        return bool(prometheus.get("query", query="vector(1)"))
    except OSError:
        return False
