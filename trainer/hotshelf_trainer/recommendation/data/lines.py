"""The lines that the recipe keeps of a file: its columns by our names, filtered."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes.recommendation import Columns, Data, Filter
from hotshelf_trainer.recommendation.artifacts import SECONDS_PER_DAY
from hotshelf_trainer.recommendation.data.files import column_of, scan
from hotshelf_trainer.recommendation.data.values import check, quantities_of, times_of

ATTRIBUTES = ("title", "category")


@dataclass(frozen=True, slots=True)
class Lines:
    """What there is to know of a file's purchases, not read yet."""

    path: Path
    table: pl.LazyFrame
    """customer, product: str; time: f64; basket: i64 or str; quantity: f64, title, category: str, where mapped."""
    attributes: pl.LazyFrame | None
    """product, title, category: str, of the file of products; each product once."""


def lines_of(data: Data, path: Path) -> Lines:
    """The lines that pass the recipe's filters. Raises ``DataError`` where files and recipe don't fit together."""
    table, columns = scan(path), data.columns
    for key, name in columns.model_dump().items():
        if name is not None:
            column_of(table, name, f"data.columns.{key}", path)
    time = times_of(table, columns.time, data.time_format)
    quantity = quantities_of(columns.quantity) if columns.quantity else None
    check(table, path, time, *([quantity] if quantity else []))
    kind = table.collect_schema()
    lines = table.with_columns(
        _text(columns.customer).alias("customer"),
        _text(columns.product).alias("product"),
        time.parsed.alias("time"),
        *([quantity.parsed.alias("quantity")] if quantity else []),
        *(_text(name).alias(key) for key in ATTRIBUTES if (name := getattr(columns, key))),
        _baskets(columns, kind, time.parsed).alias("basket"),
    )
    attributes = _attributes(data)
    lines = _kept(lines, data, attributes, path)
    names = ["customer", "product", "time", "basket", *(["quantity"] if quantity else [])]
    names += [key for key in ATTRIBUTES if getattr(columns, key)]
    return Lines(path, lines.select(names), None if attributes is None else attributes.select("product", *ATTRIBUTES))


def _text(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.strip_chars()


def _baskets(columns: Columns, kind: pl.Schema, time: pl.Expr) -> pl.Expr:
    """What tells a customer's baskets apart: the recipe's column, or the day where there is none."""
    day = (time // SECONDS_PER_DAY).cast(pl.Int64)
    if columns.basket is None:
        return day
    if kind[columns.basket].is_integer() and kind[columns.basket] != pl.UInt64:
        return pl.coalesce(pl.col(columns.basket).cast(pl.Int64), day)
    return pl.coalesce(pl.col(columns.basket).cast(pl.String), day.cast(pl.String))


def _kept(lines: pl.LazyFrame, data: Data, attributes: pl.LazyFrame | None, path: Path) -> pl.LazyFrame:
    """Without the lines that a rule drops, that name no customer or product, or come too late."""
    if data.filters and attributes is not None:
        there = lines.collect_schema().names()
        own = [name for name in attributes.collect_schema().names() if name not in there or name == "product"]
        lines = lines.join(attributes.select(own), on="product", how="left", maintain_order="left")
    for index, rule in enumerate(data.filters):
        lines = _apply(lines, rule, index, path)
    lines = lines.filter(*(pl.col(name).is_not_null() & (pl.col(name) != "") for name in ("customer", "product")))
    if data.columns.quantity is not None:
        lines = lines.filter(pl.col("quantity") != 0)
    if data.until is not None:
        lines = lines.filter(pl.col("time") < _moment(data.until))
    return lines


def _apply(lines: pl.LazyFrame, rule: Filter, index: int, path: Path) -> pl.LazyFrame:
    column = column_of(lines, rule.column, f"data.filters[{index}].column", path).cast(pl.String)
    if rule.matches is not None:
        lines = lines.filter(column.is_null() | column.str.contains(rule.matches))
    if rule.not_in:
        lines = lines.filter(column.is_null() | ~column.is_in(list(rule.not_in)))
    return lines


def _attributes(data: Data) -> pl.LazyFrame | None:
    """The file of products with our names beside its own."""
    products = data.products
    if products is None:
        return None
    if products.path is None:
        raise DataError(
            "the recipe maps a product file (data.products): name it with --products, or data.products.path"
        )
    table = scan(products.path)
    for key, name in products.columns.model_dump().items():
        if name is not None:
            column_of(table, name, f"data.products.columns.{key}", products.path)
    named = {key: getattr(products.columns, key) for key in ATTRIBUTES}
    return table.with_columns(
        _text(products.columns.product).alias("product"),
        *((_text(name) if name else pl.lit(None, pl.String)).alias(key) for key, name in named.items()),
    ).unique("product", keep="first", maintain_order=True)


def _moment(text: str) -> float:
    """Seconds since the epoch of an ISO date or time, UTC where it names no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"until: {text!r} is not a date; expected an ISO date like 2011-11-12") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
