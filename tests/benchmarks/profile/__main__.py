"""Where each microsecond of a call goes: ``python -m tests.benchmarks.profile [PY_SPY]``.

One process serves the benchmarks' LightGBM model to h2load, one row a call. CPU time by kind of thread is the kernel's,
of runs that nobody disturbs; how it is shared out on the thread that answers, py-spy's samples of another run tell. It
prints the table of docs/profile.md. py-spy (``pip install py-spy``) is the command, unless another is named.
"""

import argparse
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.markdown import table
from tests.benchmarks.profile.samples import parts
from tests.benchmarks.speed.cells import Cell
from tests.benchmarks.speed.load import call
from tests.benchmarks.speed.messages import checked, questions
from tests.benchmarks.speed.model import Model
from tests.benchmarks.speed.models import trees
from tests.benchmarks.speed.oip import OIP
from tests.benchmarks.speed.processes import PROC, TICKS
from tests.benchmarks.speed.wire import Target
from tests.benchmarks.start_up import running

CALLS = (64, 1)
"""At once."""

SECONDS = 10.0
SAMPLED_SECONDS = 30
RATE = 40
"""Samples a second. py-spy stops the process for each, some milliseconds on a small machine."""

NAMES = ("python", "grpc", "call")
"""How the kernel's names of Python's threads begin: before Python 3.14, all have that of the process."""

FIRST = "gRPC core: its own threads (sockets, HTTP/2)"


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.profile", description=__doc__)
    parser.add_argument("py_spy", nargs="?", default="py-spy")
    args = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        model = trees(folder)
        found = {calls: profile(args.py_spy, model, Cell(model.name, 1, calls), folder) for calls in CALLS}
    many, one = (found[calls] for calls in CALLS)
    lines = [
        (part, *(words for each in (many, one) for words in _cells(each, part)))
        for part in sorted(many, key=many.__getitem__, reverse=True)
    ]
    lines.append(("all", f"{sum(many.values()):.1f}", "", f"{sum(one.values()):.1f}", ""))
    head = ("part", *(words for calls in CALLS for words in (f"µs, {calls} at once", "share")))
    print("\n".join(table(head, lines)))


def _cells(found: Mapping[str, float], part: str) -> tuple[str, str]:
    us = found.get(part, 0.0)
    return f"{us:.1f}", f"{us / sum(found.values()):.0%}"


def profile(py_spy: str, model: Model, cell: Cell, folder: Path) -> Mapping[str, float]:
    """µs of CPU of a call, by part."""
    (asked,) = questions(model, cell, 1)
    with running(model, 1, folder) as (server, port):
        target = Target(port, OIP)
        messages = checked(target, model, cell, asked, folder)
        call(target, cell, messages, 1.0, folder)
        process = server._process.pid
        before = ticks(process)
        answers = call(target, cell, messages, SECONDS, folder).answers
        spent = {name: (now - before[name]) / TICKS / answers * 1e6 for name, now in ticks(process).items()}
        record = folder / f"{cell.name}.stacks"
        recorder = [py_spy, "record", f"--rate={RATE}", f"--duration={SAMPLED_SECONDS}", "--format=raw"]
        with subprocess.Popen(
            [*recorder, f"--output={record}", f"--pid={process}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ):
            call(target, cell, messages, SAMPLED_SECONDS + 2.0, folder)
    return divided(spent, parts(record.read_text().splitlines()))


def divided(spent: Mapping[str, float], sampled: Mapping[str, int]) -> Mapping[str, float]:
    """µs of each part: those of Python's threads by their samples."""
    python = sum(us for name, us in spent.items() if name.startswith(NAMES))
    total = sum(sampled.values())
    return {FIRST: sum(spent.values()) - python} | {part: python * samples / total for part, samples in sampled.items()}


def ticks(process: int) -> Counter[str]:
    """Of a process, by the names of its threads."""
    found: Counter[str] = Counter()
    for thread in (PROC / str(process) / "task").iterdir():
        head, _, rest = (thread / "stat").read_text().rpartition(")")
        fields = rest.split()
        found[head.partition("(")[2]] += int(fields[11]) + int(fields[12])
    return found


if __name__ == "__main__":
    main()
