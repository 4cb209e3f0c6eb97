"""A pandas table with columns of several kinds, and what a caller sends of it."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from hotshelf_server.core.types import Array

ROWS = 240
COLOURS = ("blué", "green", "red")
SIZES = (38, 40, 46)


def table(rows: int = ROWS, seed: int = 0) -> pd.DataFrame:
    """Numbers, truth values, and categories of texts and of whole numbers; some of them are missing."""
    rng = np.random.default_rng(seed)
    price = rng.normal(20, 5, rows)
    price[rng.random(rows) < 0.05] = np.nan
    return pd.DataFrame(
        {
            "price": price,
            "colour": pd.Categorical(rng.choice(COLOURS, rows), categories=COLOURS),
            "visits": rng.integers(0, 9, rows),
            "size": pd.Categorical(rng.choice(SIZES, rows), categories=SIZES),
            "member": rng.random(rows) < 0.5,
        }
    )


def labels(rows: int = ROWS) -> Array:
    """A class of three for each row, which its colour and price decide."""
    found = table(rows)
    return np.asarray((found["colour"].cat.codes + (found["price"] > 20)) % 3)


def sent(frame: pd.DataFrame) -> dict[str, Array]:
    """The table as named inputs: texts as BYTES."""
    return {str(name): _tensor(frame[name]) for name in frame}


def texts(values: Sequence[str]) -> Array:
    """Texts as BYTES hold them."""
    found = np.empty(len(values), dtype=object)
    found[:] = [value.encode() for value in values]
    return found


def datatypes(frame: pd.DataFrame) -> Mapping[str, str]:
    """The datatype of each named input."""
    kinds = {"O": "BYTES", "f": "FP64", "i": "INT64", "b": "BOOL"}
    return {name: kinds[tensor.dtype.kind] for name, tensor in sent(frame).items()}


def _tensor(column: "pd.Series") -> Array:
    values = np.asarray(column)
    return texts(list(values)) if values.dtype.kind in "OUT" else values
