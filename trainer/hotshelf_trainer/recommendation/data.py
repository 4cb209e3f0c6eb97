"""Purchases from a CSV or parquet file, as the recipe maps them, with errors that say which column, row and value."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from hotshelf_server.runtimes.recommender.names import Names
from hotshelf_server.runtimes.recommender.state import Catalogue
from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes.recommendation import Data, Filter
from hotshelf_trainer.recommendation.artifacts import SECONDS_PER_DAY, Purchases

KEPT_FOR_EVER = float("inf")


@dataclass(frozen=True, slots=True)
class Lines:
    """The file's lines after filters: what ``read`` knows that ``purchases`` needs."""

    table: pl.DataFrame
    """customer, product: str; time: f64; quantity: f64; basket: str; title, category: str or null."""


def purchases_from(data: Data) -> Purchases:
    """Read, filter and net the purchases that ``data`` describes.

    Raises ``DataError`` where a file is absent, empty or not what the recipe says.
    """
    if data.path is None:
        raise DataError("no purchases: name a file with --data, or data.path in the recipe")
    lines = _filtered(_scan(data.path), data, data.path)
    if data.until is not None:
        lines = lines.filter(pl.col("time") < _moment(data.until))
    if lines.is_empty():
        raise DataError(f"{data.path}: no purchase is left after the recipe's filters{_until_text(data)}")
    return _encode(lines)


def _until_text(data: Data) -> str:
    return f" and before {data.until}" if data.until else ""


def _scan(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise DataError(f"{path}: no such file; expected purchases as .csv or .parquet")
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty; expected purchases with a header")
    try:
        if path.suffix == ".parquet":
            table = pl.read_parquet(path)
        elif path.suffix in {".csv", ".tsv", ".txt"}:
            table = pl.read_csv(path, infer_schema=False, separator="\t" if path.suffix == ".tsv" else ",")
        else:
            raise DataError(f"{path}: expected a .csv, .tsv or .parquet file, found {path.suffix or 'no suffix'!r}")
    except pl.exceptions.PolarsError as error:
        raise DataError(f"{path}: not readable as {path.suffix[1:]}: {error}") from error
    if table.is_empty():
        raise DataError(f"{path}: the file has a header but no rows; expected purchases")
    return table


def _column(table: pl.DataFrame, name: str, key: str, path: Path) -> pl.Expr:
    """The column that the recipe's ``key`` names; refuse a name that isn't there, and say which are."""
    if name not in table.columns:
        close = get_close_matches(name, table.columns, n=1, cutoff=0.5)
        close = close or [column for column in table.columns if column.lower() == name.lower()]
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise DataError(f"{path}: no column {name!r} (recipe key {key}){hint} Present: {', '.join(table.columns)}")
    return pl.col(name)


def _filtered(table: pl.DataFrame, data: Data, path: Path) -> pl.DataFrame:
    columns = data.columns
    mapped = {
        key: _column(table, name, f"data.columns.{key}", path)
        for key, name in columns.model_dump().items()
        if name is not None
    }
    lines = table.with_row_index("row", offset=1).with_columns(
        customer=mapped["customer"].cast(pl.String).str.strip_chars(),
        product=mapped["product"].cast(pl.String).str.strip_chars(),
    )
    lines = lines.with_columns(
        time=_times(lines, columns.time, data.time_format, path),
        quantity=_quantities(lines, columns.quantity, path),
        basket=mapped["basket"].cast(pl.String) if columns.basket else pl.lit(None, pl.String),
        title=mapped["title"].cast(pl.String).str.strip_chars() if columns.title else pl.lit(None, pl.String),
        category=mapped["category"].cast(pl.String).str.strip_chars() if columns.category else pl.lit(None, pl.String),
    )
    if data.products is not None:
        lines = _with_products(lines, data)
    for index, rule in enumerate(data.filters):
        lines = _apply(lines, rule, index, path)
    lines = lines.with_columns(
        basket=pl.coalesce("basket", (pl.col("time") // SECONDS_PER_DAY).cast(pl.Int64).cast(pl.String))
    )
    lines = lines.filter(
        pl.col("customer").is_not_null(),
        pl.col("customer") != "",
        pl.col("product").is_not_null(),
        pl.col("product") != "",
        pl.col("quantity") != 0,
    )
    return lines.select("customer", "product", "time", "quantity", "basket", "title", "category")


def _apply(lines: pl.DataFrame, rule: Filter, index: int, path: Path) -> pl.DataFrame:
    column = _column(lines, rule.column, f"data.filters[{index}].column", path).cast(pl.String)
    if rule.matches is not None:
        lines = lines.filter(column.is_null() | column.str.contains(rule.matches))
    if rule.not_in:
        lines = lines.filter(column.is_null() | ~column.is_in(list(rule.not_in)))
    return lines


def _with_products(lines: pl.DataFrame, data: Data) -> pl.DataFrame:
    products = data.products
    if products is None or products.path is None:
        raise DataError(
            "the recipe maps a product file (data.products): name it with --products, or data.products.path"
        )
    table = _scan(products.path)
    for key, name in products.columns.model_dump().items():
        if name is not None:
            _column(table, name, f"data.products.columns.{key}", products.path)
    attributes = {"title": products.columns.title, "category": products.columns.category}
    table = table.with_columns(
        pl.col(products.columns.product).cast(pl.String).str.strip_chars().alias("product"),
        *(
            pl.col(name).cast(pl.String).str.strip_chars().alias(f"their_{key}")
            for key, name in attributes.items()
            if name
        ),
    ).unique("product", keep="first", maintain_order=True)
    own = [name for name in table.columns if name not in lines.columns or name == "product"]
    lines = lines.join(table.select(own), on="product", how="left", maintain_order="left")
    return lines.with_columns(pl.coalesce(f"their_{key}", key).alias(key) for key, name in attributes.items() if name)


def _times(lines: pl.DataFrame, name: str, pattern: str | None, path: Path) -> pl.Series:
    """Seconds since the epoch. Text without a zone is UTC; numbers are taken as seconds."""
    column = lines[name]
    if column.dtype.is_temporal():
        parsed = column
    elif column.dtype.is_numeric():
        parsed = column.cast(pl.Float64)
    else:
        text = column.cast(pl.String).str.strip_chars()
        try:
            parsed = text.str.to_datetime(pattern, strict=False, time_unit="us")
        except pl.exceptions.ComputeError:
            parsed = pl.Series(name, [None] * len(text), dtype=pl.Datetime("us"))
    bad = parsed.is_null()
    if bad.any():
        row = int(bad.arg_max() or 0)
        expected = (
            f"a time like {pattern!r}" if pattern else "an ISO time like 2011-12-09 12:50:00 (or set data.time_format)"
        )
        raise DataError(
            f"{path}: row {lines['row'][row]}, column {name!r}: {column[row]!r} is not a time; expected {expected}"
        )
    if parsed.dtype.is_temporal():
        parsed = parsed.cast(pl.Datetime("us")).dt.epoch("us").cast(pl.Float64) / 1e6
    return parsed.alias("time")


def _quantities(lines: pl.DataFrame, name: str | None, path: Path) -> pl.Series:
    if name is None:
        return pl.Series("quantity", np.ones(len(lines)))
    column = lines[name]
    numbers = column.cast(pl.Float64, strict=False)
    bad = numbers.is_null()
    if bad.any():
        row = int(bad.arg_max() or 0)
        raise DataError(
            f"{path}: row {lines['row'][row]}, column {name!r}: {column[row]!r} is not a quantity; expected a number"
        )
    return numbers.alias("quantity")


def _moment(text: str) -> float:
    """Seconds since the epoch of an ISO date or time, UTC where it names no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"until: {text!r} is not a date; expected an ISO date like 2011-11-12") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _encode(lines: pl.DataFrame) -> Purchases:
    """Ids to indices in byte order, returns netted, one row for each product of each basket."""
    # A return of what was never bought here has nothing to be netted against.
    lines = lines.filter((pl.col("quantity") > 0).any().over("customer", "product"))
    if lines.is_empty():
        raise DataError("every line is a return; expected lines with a positive quantity")
    customers, customer = _indexed(lines["customer"])
    products, product = _indexed(lines["product"])
    _, basket = _indexed(lines.select(pl.concat_str("customer", "basket", separator="\0")).to_series())
    table = pl.DataFrame(
        {
            "customer": customer,
            "product": product,
            "basket": basket,
            "time": lines["time"],
            "quantity": lines["quantity"],
        }
    ).sort("customer", "product", "time", "basket")
    table = table.with_columns(returned=_netted(table)).filter(pl.col("quantity") > 0)
    rows = (
        table.with_columns(time=pl.col("time").min().over("basket"))
        .group_by("customer", "product", "basket")
        .agg(pl.col("time").first(), pl.col("returned").max())
        .sort("customer", "product", "time", "basket")
    )
    catalogue = _catalogue(lines, products)
    time = rows["time"].to_numpy()
    return Purchases(
        customers=Names.of(customers),
        catalogue=catalogue,
        customer=rows["customer"].to_numpy(),
        product=rows["product"].to_numpy(),
        basket=rows["basket"].to_numpy(),
        time=time,
        returned=rows["returned"].to_numpy(),
        end=float((np.floor(time.max() / SECONDS_PER_DAY) + 1) * SECONDS_PER_DAY),
        fingerprint=_fingerprint(rows, customers, products),
    )


def _indexed(column: pl.Series) -> tuple[list[str], npt.NDArray[np.int32]]:
    """The distinct values in byte order (polars sorts strings so), and each row's index among them."""
    distinct = column.unique().sort()
    order = distinct.to_frame("key").with_row_index("index")
    index = column.to_frame("key").join(order, on="key", how="left", maintain_order="left")["index"]
    return distinct.to_list(), index.cast(pl.Int32).to_numpy()


def _catalogue(lines: pl.DataFrame, products: list[str]) -> Catalogue:
    attributes = (
        lines.group_by("product")
        .agg(pl.col("title").drop_nulls().last(), pl.col("category").drop_nulls().last())
        .sort("product")
    )
    categories, category = _indexed(attributes["category"].fill_null(""))
    return Catalogue(
        products=Names.of(products),
        titles=Names.of(attributes["title"].fill_null("").to_list()),
        category=category,
        categories=Names.of(categories),
    )


def _netted(table: pl.DataFrame) -> npt.NDArray[np.float64]:
    """When each line was fully returned, else infinity. A return takes back the newest purchases of its pair first."""
    returned = np.full(len(table), KEPT_FOR_EVER)
    pairs = table.with_row_index("line").filter((pl.col("quantity") < 0).any().over("customer", "product"))
    open_lines: list[list[float]] = []
    pair: tuple[int, int] | None = None
    columns = ("customer", "product", "line", "time", "quantity")
    for customer, product, line, time, quantity in pairs.select(columns).iter_rows():
        if pair != (customer, product):
            pair, open_lines = (customer, product), []
        if quantity > 0:
            open_lines.append([line, quantity])
            continue
        left = -quantity
        while left > 0 and open_lines:
            taken = min(left, open_lines[-1][1])
            left -= taken
            open_lines[-1][1] -= taken
            if open_lines[-1][1] == 0:
                returned[int(open_lines.pop()[0])] = time
    return returned


def _fingerprint(rows: pl.DataFrame, customers: list[str], products: list[str]) -> str:
    digest = hashlib.sha256()
    for names in (customers, products):
        digest.update("\0".join(names).encode())
        digest.update(b"\1")
    for column in ("customer", "product", "time", "returned"):
        digest.update(np.ascontiguousarray(rows[column].to_numpy()).tobytes())
    return digest.hexdigest()


__all__ = ["purchases_from"]
