"""Batches to measure with: golden rows, repeated."""

import numpy as np

from hotshelf_server.core.engines import SIZES
from hotshelf_server.core.interfaces import Servable
from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.engines.measuring import Batches
from hotshelf_server.runtimes.replay import checked
from hotshelf_store.golden import Golden, GoldenCase


def batches_of(servable: Servable, golden: Golden) -> Batches | None:
    """For each of `SIZES`, the rows of all cases that have the inputs of the first, over and over.

    None where requests are no batches of rows. Raises `InvalidInput` for inputs that don't fit the signature.
    """
    first = golden.cases[0]
    if not servable.signature.by_row or not first.inputs:
        return None
    alike = [case for case in golden.cases if _form(case) == _form(first)]
    rows = {name: np.concatenate([case.inputs[name] for case in alike]) for name in first.inputs}
    if len({len(array) for array in rows.values()}) > 1 or not all(len(array) for array in rows.values()):
        return None
    return {size: checked(servable, {name: _repeated(array, size) for name, array in rows.items()}) for size in SIZES}


def _form(case: GoldenCase) -> object:
    return {name: (array.dtype, array.shape[1:]) for name, array in case.inputs.items()}


def _repeated(rows: Array, count: int) -> Array:
    found: Array = rows[np.arange(count) % len(rows)]
    return found
