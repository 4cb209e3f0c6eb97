"""Purchases and products as parquet files, chunk by chunk, by one process or several."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.generate.chunk import Chunk
from hotshelf_trainer.generate.law import START, Law
from hotshelf_trainer.generate.processes import chunks
from hotshelf_trainer.generate.shelf import Shelf, shelf_of
from hotshelf_trainer.progress import Share

LAW_KEY = "hotshelf.law"
"""Under which a file of purchases keeps the law that it was made by."""
PURCHASES = pa.schema(
    [
        ("customer", pa.dictionary(pa.int32(), pa.string())),
        ("product", pa.dictionary(pa.int32(), pa.string())),
        ("time", pa.timestamp("ms")),
        ("basket", pa.int64()),
        ("quantity", pa.int32()),
        ("price", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Made:
    """Where it was written."""

    purchases: Path
    products: Path
    lines: int


def generate(law: Law, out: Path, processes: int = 1, progress: Share = lambda _: None) -> Made:
    """Write ``purchases.parquet`` and ``products.parquet`` into ``out``: the same bytes by however many processes.

    Raises ``DataError`` where the law leaves nobody with a purchase; then no purchases are written.
    """
    if processes < 1:
        raise DataError(f"processes: {processes}; expected 1 or more")
    out.mkdir(parents=True, exist_ok=True)
    shelf = shelf_of(law)
    products, purchases, written = out / "products.parquet", out / "purchases.parquet", 0
    pq.write_table(_product_table(shelf), products)
    names = _names("p", 0, law.products)
    with _whole(purchases) as partial, _writer(partial) as writer:
        writer.add_key_value_metadata({LAW_KEY: json.dumps(law.numbers())})
        for number, chunk in enumerate(chunks(law, processes)):
            writer.write_table(_purchase_table(chunk, number, shelf, names))
            written += len(chunk.product)
            progress((number + 1) / law.chunks)
        if not written:
            raise DataError(
                f"{law.lines} lines over {law.customers} customers left nobody with a purchase; ask for more lines"
            )
    return Made(purchases, products, written)


def law_of(purchases: Path) -> Law:
    """The law that a file of purchases was made by. Raises ``DataError`` where it wasn't."""
    try:
        kept = (pq.read_metadata(purchases).metadata or {}).get(LAW_KEY.encode())
    except (OSError, pa.ArrowInvalid) as error:
        raise DataError(f"{purchases}: expected purchases made by hotshelf data generate: {error}") from error
    if kept is None:
        raise DataError(f"{purchases}: it doesn't tell its law; expected purchases made by hotshelf data generate")
    return Law(**json.loads(kept))


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A place beside ``path`` that becomes it when all is written: nobody reads half of it."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _writer(path: Path) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        path,
        PURCHASES,
        compression="zstd",
        # Ids are handed over as dictionaries because that is cheap; readers see text.
        store_schema=False,
        # Baskets are counted upwards: their differences are next to nothing.
        use_dictionary=["customer", "product", "quantity", "price"],
        column_encoding={"basket": "DELTA_BINARY_PACKED"},
    )


def _purchase_table(chunk: Chunk, number: int, shelf: Shelf, products: pa.Array) -> pa.Table:
    people = _names("c", chunk.people.first, len(chunk.people.signup))
    time = (START + chunk.second.astype("timedelta64[s]")).astype("datetime64[ms]")
    columns = [
        _named(chunk.owner[chunk.basket], people),
        _named(chunk.product, products),
        pa.array(time[chunk.basket]),
        # Unique in the whole file without knowing how many baskets other chunks have.
        pa.array(chunk.basket + (np.int64(number) << 32)),
        pa.array(chunk.quantity.astype(np.int32)),
        pa.array(shelf.price[chunk.product]),
    ]
    return pa.Table.from_arrays(columns, schema=PURCHASES)


def _product_table(shelf: Shelf) -> pa.Table:
    count = len(shelf.category)
    titles = [f"Product {product} of shelf {category}" for product, category in enumerate(shelf.category)]
    return pa.table(
        {
            "product": _names("p", 0, count),
            "title": titles,
            "category": _named(shelf.category, _names("shelf-", 0, int(shelf.category.max()) + 1)).dictionary_decode(),
            "price": shelf.price,
        }
    )


def _names(prefix: str, first: int, count: int) -> pa.Array:
    return pa.array([f"{prefix}{number}" for number in range(first, first + count)], pa.string())


def _named(numbers: npt.NDArray[Any], names: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32, copy=False)), names)
