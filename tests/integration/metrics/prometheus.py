"""A real Prometheus that scrapes one server, in a folder of its own."""

import json
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from typing import Any

import pytest

WAIT = 30.0
"""Seconds."""


def program(name: str) -> str:
    """The path of a program of Prometheus; skips the test where it is absent."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"no {name} here (Debian: apt-get install prometheus)")
    return found


class Prometheus:
    """Asks a Prometheus that runs."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def get(self, path: str, **query: object) -> Any:
        """The data of an answer of its API."""
        with urllib.request.urlopen(f"{self._url}/api/v1/{path}?{urllib.parse.urlencode(query)}") as answer:
            return json.load(answer)["data"]

    def value(self, query: str) -> float | None:
        """The value of a query's one sample; None while it has none."""
        found = self.get("query", query=query)["result"]
        return float(found[0]["value"][1]) if found else None

    def wait_until_ready(self, process: subprocess.Popen[bytes], log: Path) -> None:
        """Until it answers; fails with its log when it ends before."""
        deadline = time.monotonic() + WAIT
        while True:
            assert process.poll() is None, log.read_text()
            try:
                urllib.request.urlopen(f"{self._url}/-/ready").close()
            except OSError:
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
            else:
                return


@contextmanager
def scraping(folder: Path, target: str) -> Iterator[Prometheus]:
    """A Prometheus that scrapes a target (HOST:PORT) each second and keeps exemplars."""
    command = program("prometheus")
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [{"job_name": "hotshelf", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = folder / "prometheus.log"
    arguments = [
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage",
    ]
    with log.open("wb") as out, subprocess.Popen([command, *arguments], stdout=out, stderr=out) as process:
        try:
            prometheus = Prometheus(port)
            prometheus.wait_until_ready(process, log)
            yield prometheus
        finally:
            process.terminate()
