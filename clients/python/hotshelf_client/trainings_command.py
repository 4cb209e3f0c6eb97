"""``hotshelf trainings``: trainings that a trainer runs elsewhere."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from hotshelf_client import display, training_display
from hotshelf_client.errors import DeadlineExceeded, HotshelfError, InvalidInput, Overloaded, Unavailable
from hotshelf_client.server_command import FAILED, MISUSED, TRY_LATER, address, author, console, seconds_of
from hotshelf_client.training_answers import StateChange, Training
from hotshelf_client.training_specs import TrainingSpec
from hotshelf_client.trainings import TrainingClient

REFUSED = 3
"""Exit status where the version was published, but the gate refused it; as of `hotshelf train`."""

INTERRUPTED = 130
MIB = 1 << 20

EPILOGUE = """\
Exit status of start and watch: 0 the version passed its gate, or there was no occasion to train; 1 the training failed,
was cancelled or lost; 2 recipe and data don't fit; 3 the gate refused the version, or the trainer can't be reached;
130 interrupted, the training goes on."""


class Trainings:
    """Starts, lists, watches and cancels them."""

    help = "start, list, watch and cancel trainings that a trainer runs"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """A command for each."""
        parser.epilog = EPILOGUE
        commands = parser.add_subparsers(dest="trainings_command", required=True, metavar="COMMAND")
        starting = commands.add_parser("start", help="start a training, and watch it")
        configure_spec(starting)
        starting.add_argument("--request-id", default="", help="makes it safe to start twice (default: random)")
        starting.add_argument("--detach", action="store_true", help="print its number, and don't watch it")
        listing = commands.add_parser("list", help="show the newest trainings")
        listing.add_argument("--model", default="", help="only this model's")
        listing.add_argument("--state", action="append", default=[], help="only those in this state; repeatable")
        listing.add_argument("--most", type=int, default=20, metavar="N", help="at most so many (default: %(default)s)")
        listing.add_argument("--json", action="store_true", help="print JSON, for machines")
        watching = commands.add_parser("watch", help="show what a training does, until it has ended")
        watching.add_argument("training", type=int)
        cancelling = commands.add_parser("cancel", help="ask a training to end")
        cancelling.add_argument("training", type=int)
        for command in commands.choices.values():
            configure_server(command)

    def run(self, args: argparse.Namespace) -> int:
        """The exit status."""
        return answered(args, _COMMANDS[args.trainings_command])


def answered(args: argparse.Namespace, command: Callable[[TrainingClient, argparse.Namespace], int]) -> int:
    """The exit status of a command that asks the trainer of ``--server``."""
    try:
        with TrainingClient(args.server, timeout=args.timeout) as client:
            return command(client, args)
    except HotshelfError as error:
        print(f"hotshelf: {error}", file=sys.stderr)
        return _status_of(error)
    except (ValueError, TypeError, OSError) as error:  # protobuf refuses numbers out of range, and no text
        print(f"hotshelf: {error}", file=sys.stderr)
        return MISUSED


def configure_spec(parser: argparse.ArgumentParser) -> None:
    """Arguments that say what to train, and when it is worth its while."""
    parser.add_argument("recipe", type=Path, help="recipe file (YAML); paths in it are the trainer's")
    parser.add_argument("--data", metavar="PATH", help="the trainer's data (default: the recipe's data.path)")
    parser.add_argument("--products", metavar="PATH", help="default: the recipe's data.products.path")
    parser.add_argument("--name", default="", help="model to publish a version of (default: the recipe's name)")
    parser.add_argument("--until", default="", metavar="DATE", help="ignore data at or after this ISO date (UTC)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="override a key; repeatable")
    parser.add_argument("--author", default="", help="who publishes (default: you)")
    parser.add_argument("--limit-seconds", type=seconds_of, default=0.0, metavar="SECONDS")
    parser.add_argument("--limit-mib", type=int, default=0, metavar="MIB", help="resident memory")
    parser.add_argument("--restart-if-lost", action="store_true", help="begin anew should the trainer end meanwhile")
    parser.add_argument(
        "--if-older-days", type=seconds_of, default=0.0, metavar="DAYS", help="only if the champion is older than that"
    )
    parser.add_argument(
        "--if-drift",
        type=seconds_of,
        default=0.0,
        metavar="PSI",
        help="only if a feature moved further than that since the champion learned (0.25: much)",
    )


def configure_server(parser: argparse.ArgumentParser) -> None:
    """Arguments that say which trainer is asked."""
    parser.add_argument(
        "--server",
        type=address,
        default=os.environ.get("HOTSHELF_TRAINER", "localhost:8510"),
        metavar="HOST:PORT",
        help="the trainer's address (default: %(default)s, from HOTSHELF_TRAINER)",
    )
    parser.add_argument("--timeout", type=seconds_of, default=10.0, metavar="SECONDS", help="default: %(default)s")


def spec_of(args: argparse.Namespace) -> TrainingSpec:
    """What the arguments of `configure_spec` say."""
    paths = {"data.path": args.data, "data.products.path": args.products}
    given = [f"{key}={json.dumps(path)}" for key, path in paths.items() if path is not None]
    return TrainingSpec(
        args.recipe.read_text(encoding="utf-8"),
        overrides=[*args.set, *given],
        model=args.name,
        until=args.until,
        author=args.author or author(),
        limit_seconds=args.limit_seconds,
        limit_bytes=args.limit_mib * MIB,
        restart_if_lost=args.restart_if_lost,
        if_older_seconds=args.if_older_days * training_display.DAY,
        if_drift=args.if_drift,
    )


def _start(client: TrainingClient, args: argparse.Namespace) -> int:
    training = client.start(spec_of(args), request_id=args.request_id)
    if args.detach:
        print(training.id)
        return 0
    return _follow(client, training.id, args.server)


def _list(client: TrainingClient, args: argparse.Namespace) -> int:
    found = client.list(model=args.model, states=args.state, most=args.most)
    if args.json:
        print(display.to_json(found))
    else:
        console().print(training_display.table(found))
    return 0


def _watch(client: TrainingClient, args: argparse.Namespace) -> int:
    return _follow(client, args.training, args.server)


def _cancel(client: TrainingClient, args: argparse.Namespace) -> int:
    training = client.cancel(args.training)
    ends = " and will end soon" if training.state == "running" else ""
    print(f"training {training.id} is {training.state}{ends}")
    return 0


def _follow(client: TrainingClient, training: int, server: str) -> int:
    out = console(stderr=True)
    out.print(f"training {training} on {server}")
    try:
        last = training_display.show(client.watch(training), out)
    except KeyboardInterrupt:
        out.print(
            f"training {training} runs on; `hotshelf trainings watch {training} --server {server}` shows it again, "
            f"`hotshelf trainings cancel {training} --server {server}` ends it"
        )
        return INTERRUPTED
    end = client.get(training)
    if end.last_words:
        out.print(end.last_words)
    return _ended(end, last)


def _ended(end: Training, last: StateChange | None) -> int:
    state, reason = (last.state, last.reason) if last else (end.state, end.reason)
    if state in ("succeeded", "not_needed"):
        return 0
    if state == "refused":
        return REFUSED
    return MISUSED if reason == "MISTAKE" else FAILED


def _status_of(error: HotshelfError) -> int:
    match error:
        case InvalidInput():
            return MISUSED
        case Unavailable() | Overloaded() | DeadlineExceeded():
            return TRY_LATER
    return FAILED


_COMMANDS = {"start": _start, "list": _list, "watch": _watch, "cancel": _cancel}
