"""How long, and in how much memory, are many purchases prepared? All that a training does before it learns anything.

    python -m tests.benchmarks.prepare_volume FOLDER --lines 100000000 --customers 1000000 --products 50000

Generates the purchases into FOLDER where they aren't there yet, by the same law. Prints a line for each step: reading
(filters, names, baskets), checks, the split in time, all facts at the test window's cut (what candidates and features
are made from), and what the window held. The memory is the most that was resident until then. `--limit` GB makes the
exit status 1 where that is passed.
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hotshelf_server.runtimes.recommender.state import Settings
from hotshelf_trainer.generate import Law, generate, law_of
from hotshelf_trainer.recipes.recommendation import Columns, Data, ProductColumns, Products, Windows
from hotshelf_trainer.recommendation.checks import check
from hotshelf_trainer.recommendation.data import purchases_from
from hotshelf_trainer.recommendation.facts import facts_at
from hotshelf_trainer.recommendation.split import split
from hotshelf_trainer.recommendation.truth import truth_of

COLUMNS = Columns(customer="customer", product="product", time="time", basket="basket")
PRODUCTS = ProductColumns(product="product", title="title", category="category")


def prepared(folder: Path) -> None:
    """Prepare the purchases of a folder, step by step."""
    products = Products(path=folder / "products.parquet", columns=PRODUCTS)
    with step("read") as say:
        purchases = purchases_from(Data(path=folder / "purchases.parquet", columns=COLUMNS, products=products))
        say.append(f"{len(purchases):,} purchases, a product once a basket")
    with step("checked") as say:
        profile = check(purchases)
        say.append(f"{profile.customers:,} customers, {profile.products:,} products, {profile.baskets:,} baskets")
    window = split(purchases, Windows()).test
    with step("facts") as say:
        facts = facts_at(purchases, window.cut, Settings())
        say.append(f"{len(facts.product):,} products of {len(facts.customers):,} customers")
    with step("truth") as say:
        truth = truth_of(purchases, window, facts)
        say.append(f"{len(truth.product):,} products of {len(truth.customers):,} customers")


@contextmanager
def step(name: str) -> Iterator[list[str]]:
    """Print what a step took, with what it has to say."""
    say: list[str] = []
    began, cpu = time.monotonic(), time.process_time()
    yield say
    took = f"{time.monotonic() - began:6.1f} s, {time.process_time() - cpu:6.1f} CPU s"
    print(f"{name:8} {took}, {peak_gigabytes():5.2f} GB  {'; '.join(say)}", flush=True)


def peak_gigabytes() -> float:
    """The most memory that this process ever had resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def main(folder: Path, law: Law, processes: int, limit: float) -> int:
    """Exit status 1 when the memory passed the limit."""
    purchases = folder / "purchases.parquet"
    if not purchases.exists() or law_of(purchases) != law:
        with step("made") as say:
            say.append(f"{generate(law, folder, processes).lines:,} lines")
    prepared(folder)
    print(f"{law.lines:,} lines asked for; at most {peak_gigabytes():.2f} GB resident, {limit:g} allowed")
    return 0 if peak_gigabytes() <= limit else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--products", type=int, default=50_000)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--limit", type=float, default=12.0)
    given = parser.parse_args()
    asked = Law(given.customers, given.products, given.lines, given.days, given.seed)
    sys.exit(main(given.folder, asked, given.processes, given.limit))
