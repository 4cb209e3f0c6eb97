"""``hotshelf trainer``."""

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotshelf_trainer.jobs.serving import Settings

MISTAKE = 2
MIB = 1 << 20
LEAST_MIB = 64
MEMORY_SHARE = 0.8
"""Of the machine, for all trainings together."""


class Trainer:
    """``hotshelf trainer serve``."""

    help = "run trainings for others, as a service"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        commands = parser.add_subparsers(dest="trainer_command", required=True, metavar="COMMAND")
        serve = commands.add_parser("serve", help="take, queue and run trainings over gRPC")
        serve.add_argument("--store", type=Path, required=True, metavar="DIR", help="directory of the store")
        serve.add_argument(
            "--data-root", type=Path, required=True, metavar="DIR", help="recipes may name data in this directory alone"
        )
        serve.add_argument(
            "--work-dir",
            type=Path,
            default=Path("hotshelf-trainer"),
            metavar="DIR",
            help="for temporary files and the default database (default: ./%(default)s)",
        )
        serve.add_argument(
            "--database",
            default="",
            metavar="URL",
            help="sqlite:///FILE or postgresql://USER@HOST/NAME (default: jobs.sqlite in the work directory)",
        )
        serve.add_argument("--host", default="[::]", help="address to listen on (default: all)")
        serve.add_argument("--port", type=int, default=8510, help="default: %(default)s; 0: any free one")
        serve.add_argument(
            "--metrics-port", type=int, default=8511, help="of /metrics; default: %(default)s; 0: any free one"
        )
        serve.add_argument(
            "--concurrent", type=_count, default=1, metavar="N", help="trainings at once (default: %(default)s)"
        )
        _limits(serve)

    def run(self, args: argparse.Namespace) -> int:
        """Serve until SIGTERM or Ctrl-C; 2 for a mistake in what was given."""
        from hotshelf_store import StoreError  # noqa: PLC0415 - `hotshelf trainer --help` need not wait
        from hotshelf_trainer.errors import TrainingError  # noqa: PLC0415 - as above
        from hotshelf_trainer.jobs.serving import trainer  # noqa: PLC0415 - as above

        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        try:
            with trainer(_settings(args)) as serving:
                logging.getLogger(__name__).info(
                    "listening on port %d, metrics on port %d", serving.port, serving.metrics_port
                )
                stop.wait()
        except (TrainingError, StoreError, OSError) as error:
            print(f"hotshelf trainer: {error}", file=sys.stderr)
            return MISTAKE
        except ModuleNotFoundError as error:
            if error.name != "psycopg":
                raise
            print("hotshelf trainer: PostgreSQL needs psycopg: pip install 'hotshelf[postgresql]'", file=sys.stderr)
            return MISTAKE
        return 0


def _limits(parser: argparse.ArgumentParser) -> None:
    limits = parser.add_argument_group("limits", "what one training may use; one that asks for less gets less")
    limits.add_argument(
        "--limit-seconds", type=_positive, default=6 * 3600.0, metavar="SECONDS", help="default: 21600, 6 hours"
    )
    limits.add_argument(
        "--limit-mib",
        type=_count,
        metavar="MIB",
        help="resident memory of its processes (default: 80%% of the machine's, shared by the trainings at once)",
    )
    limits.add_argument(
        "--drain-seconds",
        type=_not_negative,
        default=30.0,
        metavar="SECONDS",
        help="that running trainings have to end when the trainer stops (default: %(default)g)",
    )


def _settings(args: argparse.Namespace) -> "Settings":
    from hotshelf_trainer.jobs.errors import InvalidRequest  # noqa: PLC0415 - as above
    from hotshelf_trainer.jobs.memory import physical_bytes  # noqa: PLC0415 - as above
    from hotshelf_trainer.jobs.serving import Settings  # noqa: PLC0415 - as above
    from hotshelf_trainer.jobs.training import Limits  # noqa: PLC0415 - as above

    if not args.data_root.is_dir():
        raise InvalidRequest(f"--data-root {args.data_root}: no such directory")
    mib = args.limit_mib or int(MEMORY_SHARE * physical_bytes() / args.concurrent / MIB)
    return Settings(
        store=args.store,
        data_root=args.data_root,
        work_dir=args.work_dir,
        database=args.database,
        host=args.host,
        port=args.port,
        metrics_port=args.metrics_port,
        concurrent=args.concurrent,
        limits=Limits(args.limit_seconds, max(mib, LEAST_MIB) * MIB),
        drain_seconds=args.drain_seconds,
    )


def _not_negative(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number of 0 or more, found {text!r}")
    return number


def _positive(text: str) -> float:
    number = _not_negative(text)
    if not number:
        raise argparse.ArgumentTypeError(f"expected a number above 0, found {text!r}")
    return number


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, found {text!r}")
    return int(text)
