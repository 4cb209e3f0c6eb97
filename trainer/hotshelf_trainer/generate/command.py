"""What ``hotshelf data`` does, on a terminal."""

import argparse

from hotshelf_trainer.console import RichProgress
from hotshelf_trainer.errors import DataError
from hotshelf_trainer.generate import writing
from hotshelf_trainer.generate.bar import bar_of
from hotshelf_trainer.generate.law import Law
from hotshelf_trainer.recipes.recommendation import Columns, Data
from hotshelf_trainer.recommendation.data import purchases_from

COLUMNS = Columns(customer="customer", product="product", time="time", basket="basket")


def generate(args: argparse.Namespace) -> str:
    """Write purchases and products; what was written, in words. Raises ``DataError``."""
    law = Law(args.customers, args.products, args.lines, args.days, args.seed)
    with RichProgress().stage("Generating") as share:
        made = writing.generate(law, args.out, args.processes, share)
    return f"{made.lines:,} purchases in {made.purchases}, {law.products:,} products in {made.products}"


def oracle(args: argparse.Namespace) -> str:
    """Judge the oracle of a file's law; its figures, in words. Raises ``DataError``."""
    for name in ("days", "customers"):
        if getattr(args, name) < 1:
            raise DataError(f"{name}: {getattr(args, name)}; expected 1 or more")
    law = writing.law_of(args.purchases)
    progress = RichProgress()
    with progress.stage("Reading purchases"):
        purchases = purchases_from(Data(path=args.purchases, columns=COLUMNS))
    with progress.stage("Asking the oracle") as share:
        found = bar_of(law, purchases, args.days, args.customers, share)
    figures = "; ".join(
        f"{scope} products {one.mean:.4f} [{one.low:.4f}, {one.high:.4f}]" for scope, one in found.ndcg.items()
    )
    return (
        f"Who knows the law reaches an NDCG@10 of: {figures}. "
        f"Judged on {found.customers:,} of {found.known:,} customers and the last {args.days} days"
    )
