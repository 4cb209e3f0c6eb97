"""A real Prometheus that scrapes servers as a PodMonitor would have it: by job, namespace and pod."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.integration.conftest import Running
from tests.integration.metrics.prometheus import Prometheus, scraping

JOB, NAMESPACE = "hotshelf-server", "hotshelf"


@contextmanager
def scraping_pods(folder: Path, pods: Mapping[str, Running]) -> Iterator[Prometheus]:
    """One target for each pod, by its name, each second."""
    targets = [
        {"targets": [_address(running)], "labels": {"namespace": NAMESPACE, "pod": pod}}
        for pod, running in pods.items()
    ]
    config = {"scrape_configs": [{"job_name": JOB, "static_configs": targets}]}
    with scraping(folder, _address(next(iter(pods.values()))), config=config) as prometheus:
        yield prometheus


def _address(running: Running) -> str:
    return f"localhost:{running.server.metrics.port}"
