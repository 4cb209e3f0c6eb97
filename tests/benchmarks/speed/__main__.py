"""How fast servers answer, side by side: ``python -m tests.benchmarks.speed [--servers …] [--cells …] [--out FILE]``.

Figures of servers and cells that aren't asked for stay as the file has them, if they are of this machine.
"""

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from tests.benchmarks.speed.cells import Cell, chosen
from tests.benchmarks.speed.engines import scored
from tests.benchmarks.speed.figures import Figures, Taker, merged, nothing, read
from tests.benchmarks.speed.machine import here
from tests.benchmarks.speed.measuring import Plan, measure
from tests.benchmarks.speed.models import prepare
from tests.benchmarks.speed.page import tables, write
from tests.benchmarks.speed.servers.server import NotHere, Server
from tests.benchmarks.speed.servers.takers import named, own
from tests.benchmarks.speed.servers.venvs import Venvs
from tests.benchmarks.speed.shop import shop

TERMINATED = 128 + signal.SIGTERM


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write. Exit status 1 when a round was void."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if not shutil.which("h2load"):
        parser.error("it needs h2load: apt-get install nghttp2-client")
    venvs = Venvs(given.peers.resolve())
    try:
        servers = named([one.name for one in own()] if given.own else given.servers, venvs)
        cells = chosen(given.cells)
    except ValueError as error:
        parser.error(str(error))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))  # which ends the servers, too
    with tempfile.TemporaryDirectory(prefix="hotshelf-speed-") as folder:
        figures = run(servers, cells, given, Path(folder))
    print("\n".join(tables(figures)))
    if given.page:
        write(figures)
    latest = max((one.run for one in figures.speeds), default="")
    return 1 if any(one.void for one in figures.speeds if one.run == latest) else 0


def run(servers: Sequence[Server], cells: Sequence[Cell], given: argparse.Namespace, folder: Path) -> Figures:
    """Model by model; what was measured is written after each, so that nothing is lost of a run that breaks off."""
    console = Console(stderr=True)
    plan = Plan(
        datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        given.rounds,
        given.seconds,
        folder,
        lambda text: console.print(text, markup=False, highlight=False),
    )
    machine = here()
    figures = merged(read(given.out), nothing(machine)) if given.out.is_file() else nothing(machine)
    new = replace(nothing(machine), takers=[_taker(server) for server in servers])
    models = [*prepare(folder), *([shop(given.shop.resolve())] if given.shop else [])]
    if given.engines:
        new = replace(new, engines=scored(plan.run, (folder / "trees" / "model.txt").read_text()))
    for model in models:
        of_it = [cell for cell in cells if cell.model == model.name]
        with_it = [server for server in servers if model.name in server.models]
        if of_it and with_it:
            found = measure(model, of_it, with_it, plan)
            new = replace(
                new,
                speeds=[*new.speeds, *found.speeds],
                starts=[*new.starts, *found.starts],
                skipped=[*new.skipped, *found.skipped],
            )
        given.out.parent.mkdir(parents=True, exist_ok=True)
        merged(figures, new).write(given.out)
    return read(given.out)


def _taker(server: Server) -> Taker:
    try:
        return Taker(server.name, server.title, server.versions())
    except NotHere:
        return Taker(server.name, server.title, ())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.speed", description="how fast servers answer, side by side")
    parser.add_argument("--servers", nargs="+", default=[], metavar="NAME", help="these alone (default: all)")
    parser.add_argument("--own", action="store_true", help="ours and what is made of the same libraries, no peers")
    parser.add_argument("--cells", nargs="+", default=[], metavar="START", help="cells that begin so (default: all)")
    parser.add_argument("--shop", type=Path, metavar="STORE", help="a store with a recommender named shop")
    parser.add_argument("--no-engines", dest="engines", action="store_false", help="no tree engines in process")
    parser.add_argument("--rounds", type=int, default=3, help="of which medians are taken (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each cell in each round (default: %(default)s)")
    parser.add_argument("--peers", type=Path, default=Path(".peers"), help="folder of the peers' environments")
    parser.add_argument("--out", type=Path, default=Path("build/performance.json"), help="JSON file to write or renew")
    parser.add_argument("--page", action="store_true", help="renew docs/performance.md, its plot, README's table")
    return parser


if __name__ == "__main__":
    sys.exit(main())
