"""Runs the command `hotshelf` as people do: in processes of its own."""

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from hotshelf_client import Client

READY_SECONDS = 60.0
STOP_SECONDS = 45.0
"""More than the server's own limit for running calls."""


FAILED = "failed"


class DemoFailed(Exception):
    """The demo can't go on; the message says why."""


def hotshelf(*arguments: str) -> None:
    """Run a command to its end, its output on this terminal. Raises `DemoFailed` when it ends in a failure."""
    status = subprocess.run([sys.executable, "-m", "hotshelf_cli", *arguments], check=False).returncode
    if status != 0:
        raise DemoFailed(f"`hotshelf {' '.join(arguments)}` ended with status {status}; its output is above")


class Server:
    """``hotshelf serve`` on free ports of this machine, in a process of its own while the context lasts."""

    def __init__(self, store: Path, log: Path) -> None:
        self._store = store
        self._log = log
        self._port, self._metrics_port = _free_ports(2)
        self.address = f"localhost:{self._port}"
        self.metrics = f"http://localhost:{self._metrics_port}/metrics"

    def __enter__(self) -> Self:
        """Start it; it isn't ready yet."""
        ports = ("--port", str(self._port), "--metrics-port", str(self._metrics_port))
        command = [sys.executable, "-m", "hotshelf_cli", "serve", "--store", str(self._store), *ports]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it, by force when it doesn't end by itself."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def wait_until_ready(self, model: str) -> None:
        """Until it answers for a model. Raises `DemoFailed` when it ends, can't serve the model, or takes too long."""
        deadline = time.monotonic() + READY_SECONDS
        with Client(self.address) as client:
            while not client.ready():
                self._give_up(time.monotonic() > deadline)
                time.sleep(0.1)
            while not client.ready(model):
                failed = [version.status.reason for version in client.versions(model) if version.status.state == FAILED]
                if failed:
                    raise DemoFailed(f"the server can't serve {model}: {failed[0]}; its log is {self._log}")
                self._give_up(time.monotonic() > deadline)
                time.sleep(0.1)

    def _give_up(self, late: bool) -> None:  # noqa: FBT001 - private, and read at its call
        if self._process.poll() is not None:
            raise DemoFailed(f"the server ended; its log is {self._log}")
        if late:
            raise DemoFailed(f"the server was not ready within {READY_SECONDS:.0f} s; its log is {self._log}")

    def stop(self) -> None:
        """Ask it to finish what runs and end. Raises `DemoFailed` when it ends in a failure, or not at all."""
        self._process.terminate()
        try:
            status = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise DemoFailed(f"the server did not stop within {STOP_SECONDS:.0f} s; its log is {self._log}") from None
        if status != 0:
            raise DemoFailed(f"the server stopped with status {status}; its log is {self._log}")

    def peak_memory_mib(self) -> float | None:
        """The largest resident memory that the process ever had; None where the system doesn't tell."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return None
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024

    def scrape(self, path: Path) -> None:
        """Keep what Prometheus would see now."""
        with urllib.request.urlopen(self.metrics, timeout=10) as answer:  # noqa: S310 - our own server
            path.write_bytes(answer.read())


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now; all are held until each is known, so that they differ."""
    sockets = [socket.create_server(("localhost", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
