"""Small purchases to test on."""

import functools
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from hotshelf_trainer.generate import Law, generate
from hotshelf_trainer.recipes import parse_as
from hotshelf_trainer.recipes.recommendation import Columns, Data, RecommendationRecipe
from hotshelf_trainer.recommendation.artifacts import Purchases
from hotshelf_trainer.recommendation.data import purchases_from

COLUMNS = Columns(customer="customer", product="product", time="time", basket="basket")


def small_recipe(data: Path | None = None, **parts: Any) -> RecommendationRecipe:
    """A recipe that trains in a second; ``parts`` change some keys of it."""
    content: dict[str, Any] = {
        "name": "small",
        "data": {"path": data, "columns": COLUMNS.model_dump()},
        "windows": {"train": 1},
        "ease": {"products": 120, "neighbours": 40},
        "als": {"factors": 8, "iterations": 3},
        "candidates": {"history": 40, "ease": 40, "als": 20, "popular": 20},
        "ranker": {"trees": 20, "patience": 5, "leaves": 7, "min_rows_in_leaf": 20},
        "capacity": {"leaves": [3, 15], "trees": [5, 20], "customers": 60},
        "gate": {"resamples": 500, "margin": 0.05, "beat": ["popularity"]},
        "threads": 1,
    }
    for key, part in parts.items():
        content[key] = content[key] | part if isinstance(part, dict) else part
    return parse_as(RecommendationRecipe, content, "small recipe")


def write_lines(
    path: Path, *lines: tuple[str, str, str, float], header: str = "customer,product,time,quantity"
) -> Path:
    """A CSV file."""
    rows = [header, *(",".join(str(value) for value in line) for line in lines)]
    path.write_text("\n".join(rows) + "\n")
    return path


@functools.cache
def generated_file() -> Path:
    """Generated purchases of 200 customers over 200 days; made once for all tests."""
    folder = Path(tempfile.mkdtemp(prefix="hotshelf-test-"))
    return generate(Law(customers=200, products=150, lines=12_000, days=200, seed=1), folder).purchases


@functools.cache
def generated() -> Purchases:
    """The same, read."""
    return purchases_from(Data(path=generated_file(), columns=COLUMNS))


def before(path: Path, cut: float, target: Path) -> Path:
    """The file without the rows at or after ``cut`` (seconds since the epoch)."""
    rows = pl.read_parquet(path)
    rows.filter(pl.col("time").dt.epoch("s") < cut).write_parquet(target)
    return target
