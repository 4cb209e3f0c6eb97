"""The commands of the trainer. Its libraries are imported when one runs: ``hotshelf --help`` need not wait for them."""

import argparse
import os
import sys
import time
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotshelf_store import Store
    from hotshelf_trainer.recipes import Recipe

MISTAKE = 2
"""Exit status where what was given can't be used."""
REFUSED = 3
"""Exit status where the version was published, but the gate refused it."""


class Train:
    """``hotshelf train``."""

    help = "train a model from a recipe and publish it as the next version"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        learned = parser.add_mutually_exclusive_group(required=True)
        learned.add_argument("recipe", type=Path, nargs="?", help="recipe file (YAML)")
        learned.add_argument(
            "--reproduce",
            nargs=2,
            metavar=("MODEL", "VERSION"),
            help="train a published version again from its lineage and compare the files; nothing is published",
        )
        parser.add_argument("--data", type=Path, help="the data, .csv or .parquet (default: what the recipe names)")
        parser.add_argument(
            "--products",
            type=Path,
            help="products' attributes, for a recommender (default: the recipe's data.products.path)",
        )
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--store", type=Path, help="directory of the store; it must exist")
        where.add_argument(
            "--remote",
            metavar="HOST:PORT",
            help="let the trainer there train, and watch it; paths are then the trainer's",
        )
        parser.add_argument("--name", help="model to publish a version of (default: the recipe's name)")
        parser.add_argument("--until", metavar="DATE", help="ignore rows at or after this ISO date (UTC)")
        parser.add_argument(
            "--set", action="append", default=[], metavar="KEY=VALUE", help="override a key of the recipe; repeatable"
        )
        parser.add_argument(
            "--report", type=Path, metavar="DIR", help="also write the report and the rows set aside there"
        )
        parser.add_argument(
            "--study",
            type=Path,
            metavar="FILE",
            help="keep the search there, and go on where it was cut off",
        )
        parser.add_argument(
            "--dask",
            metavar="ADDRESS",
            help="fan the fits of a table with a target out over the workers of this Dask scheduler, tcp://HOST:PORT",
        )
        parser.add_argument(
            "--if-older-days", type=float, default=0.0, metavar="DAYS", help="only if the champion is older than that"
        )
        parser.add_argument(
            "--if-drift",
            type=float,
            default=0.0,
            metavar="PSI",
            help="only if a feature moved further than that since the champion learned (0.25: much)",
        )
        parser.add_argument("--author", default="", help="who publishes, for the store's history")

    def run(self, args: argparse.Namespace) -> int:
        """0 where the version passed its gate, 3 where the gate refused it, 2 for a mistake in what was given.

        With ``--reproduce``: 0 where the files are the same, 3 where they are not.
        """
        if args.remote is not None and not args.reproduce:
            from hotshelf_trainer.remote import GROUP, train_remotely  # noqa: PLC0415 - as below

            return train_remotely(args, entry_points(group=GROUP))
        # Threads of LightGBM that wait by spinning take five times as long when anything else wants the processor.
        # Read when the library is loaded, so it must be set before.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        from hotshelf_store import StoreError  # noqa: PLC0415
        from hotshelf_trainer.errors import TrainingError  # noqa: PLC0415

        try:
            good = _reproduced(args) if args.reproduce else _trained(args)
        except (TrainingError, StoreError, OSError) as error:
            print(f"hotshelf train: {error}", file=sys.stderr)
            return MISTAKE
        return 0 if good else REFUSED


def _trained(args: argparse.Namespace) -> bool:
    """Whether the version that was trained passed its gate; also where there was no occasion to train one."""
    from hotshelf_trainer.console import RichProgress, console, show  # noqa: PLC0415
    from hotshelf_trainer.occasion import DAY, Occasion, look  # noqa: PLC0415
    from hotshelf_trainer.outcome import REPORT_FILE  # noqa: PLC0415
    from hotshelf_trainer.run import Run  # noqa: PLC0415
    from hotshelf_trainer.training import ASIDE_FILE, train  # noqa: PLC0415

    recipe = _recipe(args)
    store = _writable_store(args.store)
    model = args.name or recipe.name
    occasion = Occasion(args.if_older_days * DAY, args.if_drift)
    found = look(occasion, recipe, store, model, time.time())
    if occasion.named:
        console.print(found.why if found.train else f"not needed: {found.why}")
    if not found.train:
        return True
    outcome = train(recipe, store, model, RichProgress(), Run(args.author, args.study, args.dask))
    if args.report is not None:
        args.report.mkdir(parents=True, exist_ok=True)
        (args.report / REPORT_FILE).write_text(outcome.report, encoding="utf-8")
        if outcome.aside is not None and len(outcome.aside):
            outcome.aside.write_parquet(args.report / ASIDE_FILE)
    show(outcome)
    return outcome.verdict.passed


def _reproduced(args: argparse.Namespace) -> bool:
    """Whether a version's files came out the same again."""
    from hotshelf_store import open_store  # noqa: PLC0415
    from hotshelf_trainer.console import RichProgress, show_reproduction  # noqa: PLC0415
    from hotshelf_trainer.errors import RecipeError  # noqa: PLC0415
    from hotshelf_trainer.recipes.given import Given  # noqa: PLC0415
    from hotshelf_trainer.reproduction import reproduce  # noqa: PLC0415

    model, version = args.reproduce
    if args.store is None:
        raise RecipeError("--reproduce reads a version out of a store and trains here; give --store, not --remote")
    if not version.isdecimal():
        raise RecipeError(f"--reproduce {model} {version}: expected a version's number")
    said = [option for option in ("set", "name", "report", "study", "dask") if getattr(args, option)]
    if said:
        raise RecipeError(f"--reproduce trains what the lineage says and publishes nothing; leave out --{said[0]}")
    given = Given(args.data, args.products, args.until)
    again = reproduce(open_store(args.store), model, int(version), given, RichProgress())
    show_reproduction(again)
    return not again.differ


def _recipe(args: argparse.Namespace) -> "Recipe":
    """The recipe with what the command line says of the data."""
    from hotshelf_trainer.recipes import read  # noqa: PLC0415
    from hotshelf_trainer.recipes.given import Given, with_given  # noqa: PLC0415

    return with_given(read(args.recipe, args.set), Given(args.data, args.products, args.until))


def _writable_store(root: Path) -> "Store":
    """The store, refused before hours of training rather than after."""
    from hotshelf_store import open_store  # noqa: PLC0415
    from hotshelf_store.errors import StoreUnavailable  # noqa: PLC0415

    store = open_store(root)
    if not os.access(root, os.W_OK | os.X_OK):
        raise StoreUnavailable(f"store {root}: this user may not write there")
    return store


class Data:
    """``hotshelf data``."""

    help = "make data to train on, and tell how well it can be foretold"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""
        commands = parser.add_subparsers(dest="data_command", required=True, metavar="COMMAND")
        generate = commands.add_parser("generate", help="write purchases of made-up customers, by a known law")
        generate.add_argument("--customers", type=int, default=2_000)
        generate.add_argument("--products", type=int, default=2_000)
        generate.add_argument("--lines", type=int, default=200_000, help="about so many purchases")
        generate.add_argument("--days", type=int, default=365)
        generate.add_argument("--seed", type=int, default=0)
        generate.add_argument(
            "--processes", type=int, default=1, help="make chunks in so many processes beside the one that writes"
        )
        generate.add_argument(
            "--out", type=Path, required=True, help="directory for purchases.parquet, products.parquet"
        )
        oracle = commands.add_parser(
            "oracle", help="print the NDCG@10 of who knows the law that purchases were generated by"
        )
        oracle.add_argument("purchases", type=Path, help="purchases.parquet, as `hotshelf data generate` wrote it")
        oracle.add_argument("--days", type=int, default=28, help="judge on the last so many days")
        oracle.add_argument("--customers", type=int, default=5_000, help="judge on a sample of so many at most")

    def run(self, args: argparse.Namespace) -> int:
        """0, or 2 for a mistake in what was given."""
        from hotshelf_trainer.errors import TrainingError  # noqa: PLC0415 - as in Train
        from hotshelf_trainer.generate.command import generate, oracle  # noqa: PLC0415

        try:
            print({"generate": generate, "oracle": oracle}[args.data_command](args))
        except (TrainingError, OSError) as error:
            print(f"hotshelf data: {error}", file=sys.stderr)
            return MISTAKE
        return 0
