"""From a file to purchases, read straight down."""

import hashlib

import numpy as np
import numpy.typing as npt
import polars as pl

from hotshelf_server.runtimes.recommender.names import Names
from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes.recommendation import Data
from hotshelf_trainer.recommendation.artifacts import SECONDS_PER_DAY, Indices, Purchases
from hotshelf_trainer.recommendation.data.codes import catalogue_of, coded, distinct
from hotshelf_trainer.recommendation.data.lines import lines_of
from hotshelf_trainer.recommendation.data.rows import rows_of

HASHED = 1_000_000
"""Rows that are hashed at a time."""


def purchases_from(data: Data) -> Purchases:
    """Read, filter and net the purchases that ``data`` describes.

    Raises ``DataError`` where a file is absent, empty or not what the recipe says.
    """
    if data.path is None:
        raise DataError("no purchases: name a file with --data, or data.path in the recipe")
    lines = lines_of(data, data.path)
    customers, products = distinct(lines, "customer"), distinct(lines, "product")
    if not len(customers):
        until = f" and before {data.until}" if data.until else ""
        raise DataError(f"{data.path}: no purchase is left after the recipe's filters{until}")
    rows = rows_of(coded(lines, customers, products))
    if not len(rows.customer):
        raise DataError("every line is a return; expected lines with a positive quantity")
    customer, customers = _in_use(rows.customer, customers)
    product, products = _in_use(rows.product, products)
    return Purchases(
        customers=Names.of(customers),
        catalogue=catalogue_of(lines, products),
        customer=customer,
        product=product,
        basket=rows.basket,
        time=rows.time,
        returned=rows.returned,
        end=float((np.floor(rows.time.max() / SECONDS_PER_DAY) + 1) * SECONDS_PER_DAY),
        fingerprint=_fingerprint((customers, products), (customer, product, rows.time, rows.returned)),
    )


def _in_use(codes: Indices, names: pl.Series) -> tuple[Indices, pl.Series]:
    """Without the names that only stand in returns of what was never bought."""
    used = np.bincount(codes, minlength=len(names)) > 0
    if used.all():
        return codes, names
    place = (np.cumsum(used) - 1).astype(np.int32)
    return place[codes], names.filter(pl.Series(used))


def _fingerprint(names: tuple[pl.Series, ...], columns: tuple[npt.NDArray[np.generic], ...]) -> str:
    digest = hashlib.sha256()
    for table in names:
        digest.update("\0".join(table).encode())
        digest.update(b"\1")
    for column in columns:
        for first in range(0, len(column), HASHED):
            digest.update(np.ascontiguousarray(column[first : first + HASHED]).data)
    return digest.hexdigest()
