"""``hotshelf train --remote``: the command ``trainings`` does it, which is another package's.

It is found as the command line finds it, by its entry point: the trainer imports no client.
"""

import argparse
import sys
from collections.abc import Iterable
from importlib.metadata import EntryPoint

GROUP, NAME = "hotshelf.commands", "trainings"
OPTIONS = ("data", "products", "name", "until", "author", "if_older_days", "if_drift")
MISTAKE = 2


def words(args: argparse.Namespace) -> list[str]:
    """What ``hotshelf trainings`` is to be asked, for the arguments of ``hotshelf train``."""
    given = {option: getattr(args, option) for option in OPTIONS}
    # One word each: what begins with a dash is no option.
    options = [f"--{option.replace('_', '-')}={value}" for option, value in given.items() if value]
    overrides = [f"--set={override}" for override in args.set]
    return ["start", f"--server={args.remote}", *options, *overrides, str(args.recipe)]


def train_remotely(args: argparse.Namespace, registered: Iterable[EntryPoint]) -> int:
    """Have a trainer elsewhere train, and watch it; the exit status. ``registered``: the entry points of commands."""
    local = [option for option in ("report", "study", "dask") if getattr(args, option) is not None]
    if local:
        words_of = {
            "report": "the report is in the bundle alone",
            "study": "a search is kept nowhere",
            "dask": "the trainer there knows no cluster",
        }
        print(f"hotshelf train: --{local[0]} needs --store; with --remote {words_of[local[0]]}", file=sys.stderr)
        return MISTAKE
    found = [entry for entry in registered if entry.name == NAME]
    if not found:
        print(f"hotshelf train: --remote needs the command `hotshelf {NAME}`; install hotshelf anew", file=sys.stderr)
        return MISTAKE
    command = found[0].load()()
    parser = argparse.ArgumentParser(prog="hotshelf train --remote")
    command.configure(parser)
    status: int = command.run(parser.parse_args(words(args)))
    return status
