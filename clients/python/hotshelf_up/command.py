"""``hotshelf up``."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from rich.console import Console
from rich.table import Table

from hotshelf_up.monitoring import artefacts
from hotshelf_up.plan import Plan, Ports, planned
from hotshelf_up.programs import Broken, running

LOOK_SECONDS = 0.5


class Up:
    """Starts everything, and ends it together."""

    help = "run trainer, server, Prometheus and Grafana on this machine"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Where, and on which ports."""
        parser.add_argument(
            "--dir", type=Path, default=Path("hotshelf-up"), metavar="DIR", help="all files are there (%(default)s)"
        )
        parser.add_argument("--host", default="localhost", help="address to listen on (default: %(default)s)")
        for name, default in Ports()._asdict().items():
            flag = f"--{name.replace('_', '-')}-port" if name != "server" else "--port"
            parser.add_argument(flag, dest=name, type=int, default=default, metavar="PORT", help="default: %(default)s")

    def run(self, args: argparse.Namespace) -> int:
        """Until SIGTERM or Ctrl-C; 1 when a program ends before."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        console = Console(highlight=False)
        ports = Ports(**{name: getattr(args, name) for name in Ports._fields})
        try:
            plan = planned(args.dir.resolve(), args.host, ports, artefacts())
            with running(plan.programs) as programs:
                console.print(_table(plan))
                for missing in plan.missing:
                    console.print(f"[dim]{missing}[/]")
                console.print("Ctrl-C ends it all.")
                while not stop.wait(LOOK_SECONDS):
                    programs.check()
        except (Broken, OSError) as error:
            print(f"hotshelf up: {error}", file=sys.stderr)
            return 1
        return 0


def _table(plan: Plan) -> Table:
    table = Table(title=f"Hotshelf in {plan.folder}", title_justify="left")
    for column in ("", "where", "log"):
        table.add_column(column)
    for program in plan.programs:
        table.add_row(program.name, program.where, str(program.log.relative_to(plan.folder)))
    return table
