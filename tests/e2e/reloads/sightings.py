"""What a server said of its loads, in its log and its metrics."""

import re
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from tests.e2e.server_process import ServerProcess

LINE = re.compile(
    r"^(?P<at>[\d-]+ [\d:,]+) \S+ \S+: version (?P<model>[^/\n]+)/(?P<version>\d+) "
    r"(?:is ready after (?P<seconds>[\d.]+) s|can't be served: (?P<reason>.*))$",
    re.MULTILINE,
)
FAILURES = re.compile(r'^hotshelf_version_load_failures_total\{model="([^"]+)",version="(\d+)"\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The end of a load: when (monotonic seconds), after how long, and why it failed if it did."""

    version: int
    at: float
    seconds: float
    reason: str


def loads(server: ServerProcess, model: str) -> Sequence[Loaded]:
    """Every load of a model that has ended."""
    return [
        Loaded(int(line["version"]), _monotonic(line["at"]), float(line["seconds"] or 0), line["reason"] or "")
        for line in LINE.finditer(server.log)
        if line["model"] == model
    ]


def failures(server: ServerProcess, model: str) -> Mapping[int, int]:
    """Failed attempts by version, as the metrics tell them."""
    with urllib.request.urlopen(f"http://localhost:{server.metrics_port}/metrics") as response:
        text = response.read().decode()
    return {int(version): int(float(count)) for name, version, count in FAILURES.findall(text) if name == model}


def pauses(found: Sequence[Loaded], version: int) -> Sequence[float]:
    """Seconds between the failures of a version."""
    ends = [one.at for one in found if one.version == version and one.reason]
    return [later - earlier for earlier, later in pairwise(ends)]


def _monotonic(written: str) -> float:
    at = datetime.strptime(written, "%Y-%m-%d %H:%M:%S,%f").astimezone()
    return at.timestamp() - time.time() + time.monotonic()
