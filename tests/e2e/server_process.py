"""`hotshelf serve` as its own process, and steady traffic to it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from hotshelf_client import Client

WAIT = 120.0
"""Seconds."""

COMMAND = [sys.executable, "-c", "import sys; from hotshelf_cli.main import main; sys.exit(main())"]


class ServerProcess:
    """A server that runs, with what it logged so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port, self.metrics_port = self._ports()

    @property
    def address(self) -> str:
        """Where clients find it."""
        return f"localhost:{self.port}"

    @property
    def log(self) -> str:
        """What it logged so far."""
        return "".join(self._lines)

    @property
    def resident_mib(self) -> float:
        """Resident memory now."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024

    @property
    def cpu_seconds(self) -> float:
        """Time that its threads have computed so far, without its children."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def bytes_read(self) -> int:
        """By system calls so far, without its children."""
        return int(re.findall(r"rchar: (\d+)", Path(f"/proc/{self._process.pid}/io").read_text())[0])

    def kill(self) -> int:
        """SIGKILL, and the exit status."""
        self._process.kill()
        return self.wait()

    def terminate(self) -> int:
        """SIGTERM, and the exit status."""
        self._process.send_signal(signal.SIGTERM)
        return self.wait()

    def hang_up(self) -> None:
        """SIGHUP."""
        self._process.send_signal(signal.SIGHUP)

    def wait(self) -> int:
        """The exit status."""
        status = self._process.wait(WAIT)
        self._reader.join(WAIT)
        return status

    def _ports(self) -> tuple[int, int]:
        pattern = re.compile(r"listening on port (\d+), metrics on port (\d+)")
        wait_until(lambda: pattern.search(self.log) or self._process.poll() is not None)
        found = pattern.search(self.log)
        assert found, self.log
        return int(found[1]), int(found[2])

    def _read(self) -> None:
        assert self._process.stderr is not None
        self._lines.extend(self._process.stderr)


@contextmanager
def serving(*arguments: object) -> Iterator[ServerProcess]:
    """`hotshelf serve` with these arguments, on free ports."""
    command = [*COMMAND, "serve", "--port", "0", "--metrics-port", "0", *map(str, arguments)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        server = None
        try:
            server = ServerProcess(process)
            yield server
        finally:
            process.kill()
            if server is not None:
                server.wait()  # its log is read to the end before the pipe is closed


class Traffic:
    """Threads that call without pause; counts answers by version, and what failed."""

    def __init__(self, address: str, call: Callable[[Client], str], threads: int = 4) -> None:
        """``call`` makes one call and returns the version that answered."""
        self._address = address
        self._call = call
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(threads)]
        self.answers: Counter[str] = Counter()
        self.failures: list[str] = []

    def __enter__(self) -> "Traffic":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, version: str) -> None:
        """Until a version has answered."""
        wait_until(lambda: self.answers[version] > 0)

    def _run(self) -> None:
        with Client(self._address) as client:
            while not self._done.is_set():
                try:
                    self.answers[self._call(client)] += 1
                except Exception as error:  # noqa: BLE001 - every kind is a failed call
                    self.failures.append(f"{type(error).__name__}: {error}")
                time.sleep(0.001)


def ask_toy(rows: np.ndarray, expected: dict[str, np.ndarray]) -> Callable[[Client], str]:
    """A call to model toy that checks the answer against what its version must say."""

    def call(client: Client) -> str:
        answer = client.predict("toy", {"input": rows})
        version = str(answer.version)
        np.testing.assert_array_equal(answer.outputs["prediction"], expected[version])
        return version

    return call


def wait_until(true: Callable[[], object]) -> None:
    """Poll until something holds."""
    deadline = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < deadline, f"not within {WAIT} s"
        time.sleep(0.02)
