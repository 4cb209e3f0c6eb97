"""A real Prometheus that scrapes one server, in a folder of its own."""

import json
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from typing import Any

import pytest

WAIT = 30.0
"""Seconds."""


def program(name: str, package: str = "prometheus") -> str:
    """The path of a program of Prometheus; skips the test where it is absent."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"no {name} here (Debian: apt-get install {package})")
    return found


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


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


def wait_until_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until a program of Prometheus answers; fails with its log when it ends before."""
    deadline = time.monotonic() + WAIT
    while True:
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready").close()
        except OSError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        else:
            return


@contextmanager
def program_running(folder: Path, command: Sequence[str], port: int) -> Iterator[None]:
    """A program of Prometheus, from when it is ready; its log goes to a file of its name."""
    log = folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            wait_until_ready(port, process, log)
            yield
        finally:
            process.terminate()


@contextmanager
def scraping(
    folder: Path, target: str, *, job: str = "hotshelf", config: Mapping[str, object] | None = None
) -> Iterator[Prometheus]:
    """A Prometheus that scrapes a target (HOST:PORT) each second and keeps exemplars.

    ``config`` goes beside that: rule files, Alertmanagers, or other jobs.
    """
    command = program("prometheus")
    jobs: dict[str, object] = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "scrape_configs": [{"job_name": job, "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yml").write_text(json.dumps({**jobs, **(config or {})}))  # JSON is YAML
    port = free_port()
    arguments = [
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage",
    ]
    with program_running(folder, [command, *arguments], port):
        yield Prometheus(port)
