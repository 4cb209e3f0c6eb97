"""One row for each product of each basket, settled for some customers at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from hotshelf_trainer.recommendation.artifacts import Indices, Times
from hotshelf_trainer.recommendation.data.returns import KEPT_FOR_EVER, netted

PART = 4_000_000
"""Lines that are settled at a time, or one customer's where these are more: some 0.5 GB."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Sorted by customer, product and time."""

    customer: Indices
    product: Indices
    basket: Indices
    """Counted by customer and time, without gaps."""
    time: Times
    returned: Times


def rows_of(table: pl.DataFrame, part: int = PART) -> Rows:
    """The rows of all lines, settled about ``part`` at a time; none where every line is a return."""
    parts: dict[str, list[npt.NDArray[np.float64]]] = {}
    baskets = 0
    for lines in _parts(table, part):
        rows = _settled(lines, baskets)
        baskets += rows["basket"].n_unique()
        for name in rows.columns:
            parts.setdefault(name, []).append(rows[name].to_numpy())
    # One column at a time, so that no more than one stands twice.
    whole = {name: np.concatenate(parts.pop(name)) for name in list(parts)}
    # A column of one value for every row costs nothing.
    for_ever = np.broadcast_to(KEPT_FOR_EVER, len(whole["customer"]))
    return Rows(
        customer=whole["customer"].astype(np.int32, copy=False),
        product=whole["product"].astype(np.int32, copy=False),
        basket=whole["basket"].astype(np.int32, copy=False),
        time=whole["time"],
        returned=whole.get("returned", for_ever),
    )


def _parts(table: pl.DataFrame, part: int) -> Iterator[pl.DataFrame]:
    """All lines of some customers after the other, in the order of customers."""
    if len(table) <= part:
        yield table
        return
    customer = table["customer"].to_numpy()
    until = np.cumsum(np.bincount(customer))
    first = 0
    while first < len(until):
        done = until[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(until, done + part, side="right")))
        yield table.filter((pl.col("customer") >= first) & (pl.col("customer") < last))
        first = last


def _settled(lines: pl.DataFrame, baskets: int) -> pl.DataFrame:
    """The rows of some customers' lines; baskets are counted from ``baskets`` on."""
    with_returns = "quantity" in lines.columns
    if with_returns:
        lines = netted(lines)
    counted = (
        lines.group_by("customer", "basket")
        .agg(pl.col("time").min().alias("begun"))
        .sort("customer", "begun", "basket")
        .with_row_index("index", offset=baskets)
    )
    order = ("customer", "product", "index")
    differs = pl.any_horizontal(pl.col(name) != pl.col(name).shift() for name in order).fill_null(value=True)
    lines = lines.drop("time").join(counted, on=["customer", "basket"]).drop("basket")
    if with_returns:
        lines = lines.group_by(*order).agg(pl.col("begun").first(), pl.col("returned").max())
    kept = [pl.col("returned")] if with_returns else []
    return (
        lines.sort(order)
        .filter(differs)
        .select(
            "customer", "product", pl.col("index").cast(pl.Int32).alias("basket"), pl.col("begun").alias("time"), *kept
        )
    )
