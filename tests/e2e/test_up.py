"""`hotshelf up` brings up trainer, server and Prometheus, whose targets are up and whose rules are loaded."""

import json
import shutil
import signal
import socket
import subprocess
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from hotshelf_store import open_store
from tests.e2e.server_process import COMMAND, wait_until
from tests.fakes.bundles import publish_lightgbm

NAMES = ("", "metrics", "trainer", "trainer-metrics", "prometheus", "grafana")


def free_ports() -> dict[str, int]:
    """One for each flag."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in NAMES]
        return {name: one.getsockname()[1] for name, one in zip(NAMES, sockets, strict=True)}


def asked(port: int, path: str) -> Any:
    """What Prometheus answers; None while it doesn't."""
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/api/v1/{path}", timeout=5) as answer:
            return json.load(answer)["data"]
    except OSError:
        return None


def test_everything_comes_up_and_ends_together(tmp_path: Path) -> None:
    if shutil.which("prometheus") is None:
        pytest.skip("no Prometheus")
    (tmp_path / "up" / "store").mkdir(parents=True)
    publish_lightgbm(open_store(tmp_path / "up" / "store"), tmp_path / "bundle")
    ports = free_ports()
    flags = [f"--{f'{name}-' if name else ''}port={port}" for name, port in ports.items()]
    command = [*COMMAND, "up", "--dir", str(tmp_path / "up"), *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            up = 'up%7Bjob=~"hotshelf.*"%7D'.replace('"', "%22").replace("~", "%7E")
            wait_until(lambda: _values(asked(ports["prometheus"], f"query?query={up}")) == ["1", "1"])
            groups = asked(ports["prometheus"], "rules")["groups"]
            assert sum(len(group["rules"]) for group in groups) > 20
            health = [*COMMAND, "health", "toy", "--server", f"localhost:{ports['']}"]
            wait_until(lambda: subprocess.run(health, capture_output=True, check=False).returncode == 0)
        finally:
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said
    assert "Grafana" in said
    assert "stopped" in (tmp_path / "up" / "logs" / "server.log").read_text()


def _values(data: Any) -> list[str]:
    return [one["value"][1] for one in data["result"]] if data else []
