"""The command that tells whether all replicas serve what the aliases ask for."""

import argparse
import os
import sys
import time

from hotshelf_client import display
from hotshelf_client.channel import target
from hotshelf_client.convergence import Convergence, convergence
from hotshelf_client.replicas import Ear, addresses, ask_all
from hotshelf_client.server_command import FAILED, console, seconds_of

LOOK_AGAIN = 1.0
"""Seconds after which silent replicas are asked again, and names resolved anew, though nobody told of a change."""


class Status:
    """``hotshelf status``."""

    help = "show whether all replicas serve what the aliases ask for"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Which replicas, and how long to wait for them."""
        parser.add_argument("model", nargs="?", default="", help="only this model (default: all)")
        parser.add_argument(
            "--server",
            type=_addresses,
            default=os.environ.get("HOTSHELF_SERVER", "localhost:8500"),
            metavar="HOST:PORT[,…]",
            help="every address behind these names is asked (default: %(default)s, from HOTSHELF_SERVER)",
        )
        parser.add_argument(
            "--timeout", type=seconds_of, default=2.0, metavar="SECONDS", help="for each replica (default: %(default)s)"
        )
        parser.add_argument("--wait", type=seconds_of, metavar="SECONDS", help="wait until converged, so long at most")
        parser.add_argument("--json", action="store_true", help="print JSON, for machines")

    def run(self, args: argparse.Namespace) -> int:
        """0 when converged, 1 when not."""
        found = _waited(args) if args.wait else _look(args, addresses(args.server))
        if args.model and not found.targets and len(found.silent) < found.replicas:
            print(f"hotshelf: no replica knows model {args.model!r}", file=sys.stderr)
            return FAILED
        if args.json:
            print(display.to_json(found))
        else:
            console().print(display.convergence(found))
        return 0 if found.converged else FAILED


def _look(args: argparse.Namespace, replicas: list[str]) -> Convergence:
    return convergence(ask_all(replicas, args.timeout), args.model)


def _waited(args: argparse.Namespace) -> Convergence:
    """What holds once it has converged, or when the time is over."""
    end = time.monotonic() + args.wait
    ear = Ear(args.wait)
    while True:
        replicas = addresses(args.server)
        ear.listen(replicas)
        found = _look(args, replicas)
        left = end - time.monotonic()
        if (found.converged and (found.targets or not args.model)) or left <= 0:
            return found
        ear.wait(min(LOOK_AGAIN, left))


def _addresses(text: str) -> str:
    try:
        for server in text.split(","):
            target(server.strip())
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text
