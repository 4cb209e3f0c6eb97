"""The commands that call a server."""

import argparse
from datetime import UTC, datetime

from rich.console import RenderableType

from hotshelf_client import arguments, display
from hotshelf_client.answers import Model, Prediction, Recommendations, RepeatPolicy, Routing, Version
from hotshelf_client.client import Client
from hotshelf_client.server_command import ServerCommand, author


class Predict(ServerCommand[Prediction]):
    """``hotshelf predict``."""

    help = "compute a model's outputs for tensors"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """The model and its inputs."""
        parser.add_argument("model")
        parser.add_argument(
            "--input",
            action="append",
            default=[],
            metavar="NAME=JSON|@FILE",
            help="an input: nested JSON lists, or a .json or .npy file after @; once for each",
        )
        parser.add_argument(
            "--parameter", action="append", default=[], metavar="NAME=JSON", help="a parameter of the request"
        )
        parser.add_argument("--version", default="", help="a number or an alias (default: champion)")
        super().configure(parser)

    def ask(self, client: Client, args: argparse.Namespace) -> Prediction:
        """Read the inputs as the model's signature wants them."""
        signature = client.metadata(args.model, args.version)
        inputs = arguments.tensors(args.input, signature)
        parameters = arguments.parameters(args.parameter)
        return client.predict(args.model, inputs, version=args.version, parameters=parameters)

    def show(self, answer: Prediction) -> RenderableType:
        """Each output with its values."""
        return display.prediction(answer)


class Recommend(ServerCommand[Recommendations]):
    """``hotshelf recommend``."""

    help = "recommend products for a customer"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """The model, the customer and the wishes."""
        parser.add_argument("model")
        parser.add_argument("customer")
        parser.add_argument("-k", type=int, default=10, help="at most so many products (default: %(default)s)")
        parser.add_argument("--basket", nargs="+", default=[], metavar="PRODUCT", help="products in the open basket")
        parser.add_argument("--exclude", nargs="+", default=[], metavar="PRODUCT", help="products never to answer")
        parser.add_argument(
            "--repeat-policy",
            choices=[policy.value for policy in RepeatPolicy],
            default=RepeatPolicy.MIXED.value,
            help="whether products bought before may be answered (default: %(default)s)",
        )
        parser.add_argument("--as-of", type=_moment, metavar="TIME", help="count ages from this ISO 8601 time (UTC)")
        parser.add_argument("--version", default="", help="a number or an alias (default: champion)")
        super().configure(parser)

    def ask(self, client: Client, args: argparse.Namespace) -> Recommendations:
        """One query."""
        return client.recommend(
            args.model,
            args.customer,
            args.k,
            basket=args.basket,
            exclude=args.exclude,
            repeat_policy=args.repeat_policy,
            as_of=args.as_of,
            version=args.version,
        )

    def show(self, answer: Recommendations) -> RenderableType:
        """The products with their reasons."""
        return display.recommendations(answer)


class Models(ServerCommand[list[Model]]):
    """``hotshelf models``."""

    help = "list the models of a server"

    def ask(self, client: Client, args: argparse.Namespace) -> list[Model]:  # noqa: ARG002 - it takes no arguments
        """All of them."""
        return client.models()

    def show(self, answer: list[Model]) -> RenderableType:
        """Where their traffic goes."""
        return display.models(answer)


class Versions(ServerCommand[list[Version]]):
    """``hotshelf versions``."""

    help = "list the versions of a model, newest first"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """The model."""
        parser.add_argument("model")
        super().configure(parser)

    def ask(self, client: Client, args: argparse.Namespace) -> list[Version]:
        """All of them."""
        return client.versions(args.model)

    def show(self, answer: list[Version]) -> RenderableType:
        """What the store holds and the server loaded."""
        return display.versions(answer)


class Promote(ServerCommand[Routing]):
    """``hotshelf promote``."""

    help = "make a version the champion"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """The version, and why."""
        parser.add_argument("model")
        parser.add_argument("version", type=int)
        parser.add_argument("--reason", default="", help="why; kept in the alias log")
        parser.add_argument("--force", action="store_true", help="overrule the gate; needs --reason")
        super().configure(parser)

    def ask(self, client: Client, args: argparse.Namespace) -> Routing:
        """Move the champion."""
        if args.force and not args.reason:
            raise arguments.BadArgument("--force needs --reason: the alias log keeps why the gate was overruled")
        return client.promote(args.model, args.version, args.reason, author=author(), force=args.force)

    def show(self, answer: Routing) -> RenderableType:
        """The routing after it."""
        return display.routing(answer)


class Rollback(ServerCommand[Routing]):
    """``hotshelf rollback``."""

    help = "make the previous champion the champion again"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """The model, and why."""
        parser.add_argument("model")
        parser.add_argument("--reason", default="", help="why; kept in the alias log")
        super().configure(parser)

    def ask(self, client: Client, args: argparse.Namespace) -> Routing:
        """Move the champion back."""
        return client.rollback(args.model, args.reason, author=author())

    def show(self, answer: Routing) -> RenderableType:
        """The routing after it."""
        return display.routing(answer)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a time such as 2026-01-31T12:00, found {text!r}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
