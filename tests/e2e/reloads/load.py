"""Steady calls to two models beside probes of readiness, made by a process of their own, and what became of them."""

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.server_process import WAIT, wait_until

RELOADED = "reloaded"
OTHER = "other"
"""The models: one whose versions change, one that is left alone."""

PROBES_PER_SECOND = 25.0
"""Of each of two kinds that ask for the server: one probe every 20 ms."""

PROMISING = ("True", "SERVING")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: lane, when it was due, sent and answered (monotonic seconds), what it told, its outputs, its error."""

    lane: str
    due: float
    sent: float
    received: float
    told: str
    outputs: bytes
    error: str

    @property
    def seconds(self) -> float:
        """From when it was due: a call that couldn't be sent in time has waited, too."""
        return self.received - self.due


class Load:
    """Calls that are being made."""

    def __init__(self, process: subprocess.Popen[str], file: Path) -> None:
        self._process = process
        self._file = file
        self._seen: set[tuple[str, str]] = set()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, version: int, lane: str = RELOADED) -> None:
        """Until a version has answered."""
        wait_until(lambda: (lane, str(version)) in self._seen or self._process.poll() is not None)
        assert self._process.poll() is None, "the process that calls has ended"

    def end(self) -> Sequence[Call]:
        """Call no more; what became of the calls."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(WAIT) == 0
        found = [
            Call(lane, due, sent, received, told, base64.b64decode(outputs), error)
            for lane, due, sent, received, told, outputs, error in json.loads(self._file.read_text())
        ]
        return sorted(found, key=lambda call: call.due)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            lane, told = line.split()
            self._seen.add((lane, told))


@contextmanager
def calling(address: str, folder: Path, bodies: Mapping[str, bytes], calls_per_second: float) -> Iterator[Load]:
    """Call each model with its body so often, and probe readiness in every way that there is."""
    lanes = [_lane(model, "infer", model, calls_per_second, body) for model, body in bodies.items()]
    lanes += [_lane("ready", "server", "", PROBES_PER_SECOND), _lane("ready", "health", "", PROBES_PER_SECOND)]
    for model in bodies:
        lanes += [_lane("ready", kind, model, PROBES_PER_SECOND / 5) for kind in ("model", "health")]
    file = folder / "calls.json"
    command = [sys.executable, "-m", "tests.e2e.reloads.open_loop", str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        plan = {"address": address, "lanes": lanes, "watch": ["", *bodies]}
        process.stdin.write(json.dumps(plan) + "\n")
        process.stdin.flush()
        try:
            yield Load(process, file)
        finally:
            process.kill()


def _lane(name: str, kind: str, model: str, rate: float, body: bytes = b"") -> dict[str, object]:
    return {"name": name, "kind": kind, "model": model, "rate": rate, "body": base64.b64encode(body).decode()}
