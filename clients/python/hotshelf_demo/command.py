"""``hotshelf demo``."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from rich.console import Console

from hotshelf_client import HotshelfError
from hotshelf_demo import display, material, story
from hotshelf_demo.figures import problems
from hotshelf_demo.programs import DemoFailed
from hotshelf_demo.record import Places

DATA = ("completejourney", "synthetic")


class Demo:
    """Shows all of Hotshelf at work."""

    help = "learn a recommender, serve it, and swap in a better version under traffic"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """The data and its size, also from the environment."""
        parser.add_argument(
            "--data", choices=DATA, default=os.environ.get("DEMO_DATA", DATA[0]), help="default: %(default)s, DEMO_DATA"
        )
        parser.add_argument(
            "--full",
            action="store_true",
            default=os.environ.get("DEMO_FULL", "") not in ("", "0"),
            help="let the ranker learn from all customers; also DEMO_FULL=1",
        )
        parser.add_argument("--out", type=Path, default=Path("demo-output"), help="folder; emptied (%(default)s)")

    def run(self, args: argparse.Namespace) -> int:
        """0 when everything went as it should, 1 otherwise, 2 for wrong usage."""
        if args.data not in DATA:  # argparse doesn't look at defaults
            print(f"hotshelf demo: DEMO_DATA={args.data}: expected one of {', '.join(DATA)}", file=sys.stderr)
            return 2
        console = Console(highlight=False)
        try:
            _empty(args.out)
            chosen = (
                material.synthetic(args.out / "data")
                if args.data == "synthetic"
                else material.completejourney(args.out / "data", full=args.full)
            )
            console.print(chosen.about)
            places = Places(args.out)
            outcome = story.tell(chosen, places, console)
        except (DemoFailed, HotshelfError) as error:
            print(f"hotshelf demo: {error}", file=sys.stderr)
            return 1
        console.print(display.summary(outcome, places))
        return 1 if problems(outcome) else 0


def _empty(folder: Path) -> None:
    """Remove what an earlier demo left, and nothing else."""
    ours = {"data", "store", "server.log", "metrics.txt", "version-1", "version-2"}
    if not folder.exists():
        return
    if strangers := sorted({path.name for path in folder.iterdir()} - ours):
        raise DemoFailed(f"{folder} holds {strangers[0]}, which no demo made; name another folder with --out")
    shutil.rmtree(folder)
