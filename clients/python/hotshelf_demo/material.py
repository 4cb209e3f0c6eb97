"""What the demo learns from: real purchases' patterns, or made-up ones."""

from dataclasses import dataclass
from pathlib import Path

from hotshelf_demo.programs import hotshelf

RECIPES = Path("trainer") / "recipes"
"""The demo runs in a clone, where the recipes are."""

SAMPLE = 800
"""Customers that the ranker learns from, unless all are asked for."""

SMALL = (
    f"ranker.customers={SAMPLE}",
    "ranker.trees=150",
    "ease.products=3000",
    "windows.train=2",
    "gate.margin=0.03",
)
"""Overrides of the recipe: a quarter of the time for 0.002 of NDCG@10. Two samples of customers give rankers some 0.003
apart, so the margin allows four times that, and the gate passes whatever the seed."""


@dataclass(frozen=True, slots=True)
class Material:
    """Purchases, and how to learn from them.

    ``cut``: the first version knows nothing from this ISO date on. ``settings``: overrides of the recipe.
    """

    about: str
    purchases: Path
    products: Path
    customer_column: str
    time_column: str
    recipe: Path
    cut: str
    settings: tuple[str, ...] = ()


def completejourney(folder: Path, *, full: bool) -> Material:
    """A year of purchases in a grocery."""
    from hotshelf_demo import purchases  # noqa: PLC0415 - the data set is installed by the extra `demo` alone

    lines, products = purchases.write(folder)
    sampled = "all customers" if full else f"a sample of {SAMPLE} customers (DEMO_FULL=1 takes all)"
    return Material(
        about=f"{purchases.CAVEAT} The ranker learns from {sampled}.",
        purchases=lines,
        products=products,
        customer_column="household_id",
        time_column="transaction_timestamp",
        recipe=RECIPES / "completejourney.yaml",
        cut="2017-12-03",
        settings=() if full else SMALL,
    )


def synthetic(folder: Path) -> Material:
    """A year of purchases by a known law: small, so that the whole demo takes a minute."""
    size = ("--customers", "1500", "--products", "600", "--lines", "120000", "--days", "365")
    hotshelf("data", "generate", *size, "--out", str(folder))
    return Material(
        about="The purchases are made up, by a known law.",
        purchases=folder / "purchases.parquet",
        products=folder / "products.parquet",
        customer_column="customer",
        time_column="time",
        recipe=RECIPES / "synthetic.yaml",
        cut="2024-12-02",
    )
