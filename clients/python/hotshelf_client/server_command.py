"""What all commands that call a server have in common."""

import argparse
import getpass
import math
import os
import socket
import sys
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from rich.console import Console, RenderableType

from hotshelf_client import display
from hotshelf_client.arguments import BadArgument
from hotshelf_client.channel import target
from hotshelf_client.client import Client
from hotshelf_client.errors import DeadlineExceeded, HotshelfError, Overloaded, Unavailable

Answer = TypeVar("Answer")

LOG_WIDTH = 160
FAILED, MISUSED, TRY_LATER = 1, 2, 3
"""The exit statuses of hotshelf_cli."""


class ServerCommand(ABC, Generic[Answer]):
    """Asks a server one thing and shows the answer, as a table or as JSON."""

    help = ""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the arguments that all of them take."""
        server_argument(parser)
        parser.add_argument("--timeout", type=seconds_of, default=10.0, metavar="SECONDS", help="default: %(default)s")
        parser.add_argument("--json", action="store_true", help="print JSON, for machines")

    def run(self, args: argparse.Namespace) -> int:
        """Ask and show."""
        try:
            with Client(args.server, timeout=args.timeout) as client:
                answer = self.ask(client, args)
        except (BadArgument, ValueError, TypeError) as error:  # protobuf refuses numbers out of range, and no text
            print(f"hotshelf: {error}", file=sys.stderr)
            return MISUSED
        except HotshelfError as error:
            print(f"hotshelf: {error}", file=sys.stderr)
            return TRY_LATER if isinstance(error, Unavailable | Overloaded | DeadlineExceeded) else FAILED
        if args.json:
            print(display.to_json(answer))
        else:
            console().print(self.show(answer))
        return 0

    @abstractmethod
    def ask(self, client: Client, args: argparse.Namespace) -> Answer:
        """Make the calls."""

    @abstractmethod
    def show(self, answer: Answer) -> RenderableType:
        """What people see of the answer."""


def server_argument(parser: argparse.ArgumentParser) -> None:
    """Which server is asked."""
    parser.add_argument(
        "--server",
        type=address,
        default=os.environ.get("HOTSHELF_SERVER", "localhost:8500"),
        metavar="HOST:PORT",
        help="the server's address (default: %(default)s, from HOTSHELF_SERVER)",
    )


def author() -> str:
    """Who asks, for the alias log."""
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError):  # a container's user may have no name
        return socket.gethostname()


def console(*, stderr: bool = False) -> Console:
    """Where there is no terminal whose width counts, lines are as long as a log's."""
    seen = (sys.stderr if stderr else sys.stdout).isatty()
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False, width=None if seen else LOG_WIDTH)


def seconds_of(text: str) -> float:
    """A number of seconds above 0, for argparse."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds > 0):
        raise argparse.ArgumentTypeError(f"expected a number of seconds above 0, found {text!r}")
    return seconds


def address(text: str) -> str:
    """An address of a server, for argparse."""
    try:
        target(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text
