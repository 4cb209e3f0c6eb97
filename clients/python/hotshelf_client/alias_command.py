"""The commands that set an alias, and tell who did."""

import argparse
from collections.abc import Iterable

from rich.console import RenderableType

from hotshelf_client import display
from hotshelf_client.answers import Routing
from hotshelf_client.arguments import BadArgument
from hotshelf_client.client import Client
from hotshelf_client.server_command import ServerCommand, author

MAX_ENTRIES = 1_000
"""Of the alias log, in one answer."""

WHOLE = 100
"""The share of a version that is given without one."""


class Alias(ServerCommand[Routing]):
    """``hotshelf alias``."""

    help = "point an alias at versions, or remove it"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """The alias, its versions, and why."""
        parser.add_argument("model")
        parser.add_argument("alias", help="champion, previous, candidate, shadow, or a name of your own")
        parser.add_argument(
            "versions",
            nargs="*",
            metavar="VERSION[=WEIGHT]",
            help="a version's number and its relative share of the traffic (default: 100)",
        )
        parser.add_argument("--remove", action="store_true", help="let the alias name nothing")
        parser.add_argument("--reason", default="", help="why; kept in the alias log")
        parser.add_argument(
            "--revision", type=int, metavar="N", help="refuse unless the alias log is at this revision (default: any)"
        )
        parser.add_argument("--force", action="store_true", help="overrule the gate for champion; needs --reason")
        super().configure(parser)

    def ask(self, client: Client, args: argparse.Namespace) -> Routing:
        """Set it, or remove it."""
        if args.remove == bool(args.versions):
            raise BadArgument("expected either versions such as 12=95 13=5, or --remove")
        if args.force and not args.reason:
            raise BadArgument("--force needs --reason: the alias log keeps why the gate was overruled")
        return client.set_alias(
            args.model,
            args.alias,
            weights(args.versions),
            args.reason,
            expected_revision=args.revision,
            author=author(),
            force=args.force,
        )

    def show(self, answer: Routing) -> RenderableType:
        """The routing after it."""
        return display.routing(answer)


class History(ServerCommand[list[Routing]]):
    """``hotshelf history``."""

    help = "show who changed a model's aliases, when and why"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """The model, and how far back."""
        parser.add_argument("model")
        parser.add_argument("--limit", type=_entries, default=20, metavar="N", help="entries (default: %(default)s)")
        super().configure(parser)

    def ask(self, client: Client, args: argparse.Namespace) -> list[Routing]:
        """The newest entries of the alias log."""
        return client.history(args.model, args.limit)

    def show(self, answer: list[Routing]) -> RenderableType:
        """Newest first."""
        return display.history(answer)


def _entries(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_ENTRIES:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to {MAX_ENTRIES}, found {text!r}")
    return int(text)


def weights(given: Iterable[str]) -> dict[int, int]:
    """Shares by version from ``VERSION[=WEIGHT]``. Raises `BadArgument`."""
    found: dict[int, int] = {}
    for text in given:
        version, equals, weight = text.partition("=")
        if not version.isdecimal() or (equals and not weight.isdecimal()):
            raise BadArgument(f"expected VERSION or VERSION=WEIGHT such as 12=95, found {text!r}")
        if int(version) in found:
            raise BadArgument(f"version {version} is given twice")
        found[int(version)] = int(weight) if equals else WHOLE
    return found
