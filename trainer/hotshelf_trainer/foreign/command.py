"""``hotshelf publish``."""

import argparse
import getpass
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hotshelf_trainer.foreign.errors import Unpublishable
from hotshelf_trainer.foreign.kinds import RUNTIMES

if TYPE_CHECKING:
    from hotshelf_store import Store

FAILED, MISUSED, REFUSED = 1, 2, 3


class Publish:
    """Publishes a model that was trained elsewhere."""

    help = "publish a model that was trained elsewhere"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """What the model is, and where it goes."""
        parser.add_argument(
            "path",
            type=Path,
            help="a LightGBM text model, a .onnx or .skops file, the files of a Python class, or a bundle's folder",
        )
        parser.add_argument("--name", required=True, help="the model to publish a version of")
        parser.add_argument("--store", required=True, type=Path, metavar="DIR", help="directory of the store")
        parser.add_argument("--runtime", choices=RUNTIMES, help="what runs it (default: as the path shows)")
        parser.add_argument("--entrypoint", metavar="MODULE:CLASS", help="the class of runtime python; importable here")
        parser.add_argument(
            "--signature", type=Path, metavar="FILE", help="inputs and outputs, YAML or JSON (default: the model's own)"
        )
        parser.add_argument(
            "--golden", type=Path, metavar="FILE", help="golden requests, JSON (default: made from the signature)"
        )
        parser.add_argument(
            "--skops-type",
            action="append",
            default=[],
            metavar="TYPE",
            help="let skops load this type; repeatable",
        )
        parser.add_argument(
            "--allow-library-drift",
            action="store_true",
            help="take a bundle that was made with other major or minor versions of its libraries",
        )
        parser.add_argument("--description", default="", help="one line for people")
        parser.add_argument("--promote", action="store_true", help="make it the champion; no gate judged it: --force")
        parser.add_argument("--force", action="store_true", help="overrule the gate; needs --reason")
        parser.add_argument("--reason", default="", help="why; kept in the alias log")

    def run(self, args: argparse.Namespace) -> int:
        """0 published; 1 it can't be; 2 wrong usage; 3 published, but the gate keeps it from becoming champion."""
        from hotshelf_store import StoreError, open_store  # noqa: PLC0415 - `hotshelf publish --help` need not wait

        if args.force and not (args.promote and args.reason):
            return _say("--force goes with --promote and --reason: the alias log keeps why", MISUSED)
        try:
            store = open_store(args.store)
            version = _publish(store, args)
            print(f"published {args.name} version {version}: {_routing(store, args.name)}")
        except (Unpublishable, StoreError, OSError) as error:
            return _say(str(error), FAILED)
        try:
            if args.promote:
                store.promote(args.name, version, author=_author(), reason=args.reason, force=args.force)
                print(f"promoted: {_routing(store, args.name)}")
        except StoreError as error:
            return _say(f"version {version} is published, but was not promoted: {error}", REFUSED)
        return 0


def _publish(store: "Store", args: argparse.Namespace) -> int:
    from hotshelf_trainer.foreign.publish import Foreign, publish  # noqa: PLC0415 - as above

    foreign = Foreign(
        path=args.path,
        runtime=args.runtime,
        entrypoint=args.entrypoint,
        signature=args.signature,
        golden=args.golden,
        skops_types=tuple(args.skops_type),
        allow_library_drift=args.allow_library_drift,
        description=args.description,
    )
    return publish(store, args.name, foreign, author=_author())


def _routing(store: "Store", model: str) -> str:
    from hotshelf_store import lead  # noqa: PLC0415 - as above

    revision = store.aliases(model)
    return ", ".join(f"{alias} is version {lead(revision, alias)}" for alias in sorted(revision.routes))


def _author() -> str:
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError):  # a container's user may have no name
        return socket.gethostname()


def _say(message: str, status: int) -> int:
    print(f"hotshelf publish: {message}", file=sys.stderr)
    return status
