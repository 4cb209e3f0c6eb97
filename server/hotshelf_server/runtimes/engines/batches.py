"""Batches to measure with: golden rows, repeated."""

import numpy as np

from hotshelf_server.core.engines import SIZES
from hotshelf_server.core.interfaces import Servable
from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.engines.measuring import Batches
from hotshelf_server.runtimes.replay import checked
from hotshelf_store.golden import Golden, GoldenCase

MOST_BYTES = 64 << 20
"""Of all batches together. A version was tried with its golden rows, and not with hundreds times as many: the server's
memory is no place to find out what wide ones take."""


def batches_of(servable: Servable, golden: Golden) -> Batches | None:
    """For each of `SIZES`, the rows of all cases that have the inputs of the first, over and over.

    None where requests are no batches of rows, or such as would take more than `MOST_BYTES`. Raises `InvalidInput` for
    inputs that don't fit the signature.
    """
    first = golden.cases[0]
    if not servable.signature.by_row or not first.inputs:
        return None
    alike = [case for case in golden.cases if _form(case) == _form(first)]
    rows = {name: np.concatenate([case.inputs[name] for case in alike]) for name in first.inputs}
    if len({len(array) for array in rows.values()}) > 1 or not all(len(array) for array in rows.values()):
        return None
    if sum(array.nbytes // len(array) for array in rows.values()) * sum(SIZES) > MOST_BYTES:
        return None
    return {size: checked(servable, {name: _repeated(array, size) for name, array in rows.items()}) for size in SIZES}


def _form(case: GoldenCase) -> object:
    return {name: (array.dtype, array.shape[1:]) for name, array in case.inputs.items()}


def _repeated(rows: Array, count: int) -> Array:
    found: Array = rows[np.arange(count) % len(rows)]
    return found
