"""The classification extension: an output's highest elements, as texts ``value:index`` or ``value:index:label``."""

from collections.abc import Sequence

import numpy as np

from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.types import Array, Parameters, TensorSpec

PARAMETER = "classification"


def count_of(output: str, parameters: Parameters) -> int:
    """How many elements are asked for; 0 for the tensor itself. Raises `InvalidInput`."""
    count = parameters.get(PARAMETER, 0)
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise InvalidInput(
            f"output {output!r}: parameter 'classification' is {count!r}, expected a whole number from 0 up",
            tensor=output,
            parameter=PARAMETER,
        )
    return count


def classify(spec: TensorSpec, array: Array, count: int, labels: Sequence[str] = ()) -> tuple[TensorSpec, Array]:
    """The ``count`` highest elements of each row [n, classes], or of the whole of [classes], highest first, as BYTES.

    NaN counts as lowest; of equals the first is taken. Raises `InvalidInput` for an output without numbers, or of more
    dimensions.
    """
    if array.dtype.kind in "Ob" or array.ndim not in (1, 2) or spec.datatype == "BF16":
        raise InvalidInput(
            f"output {spec.name!r} is {spec.datatype} {list(array.shape)}; classification needs numbers in one or two "
            "dimensions",
            tensor=spec.name,
        )
    rows = array.reshape(1, -1) if array.ndim == 1 else array
    order = _highest_first(rows)[:, :count]
    texts = np.empty(order.shape, dtype=object)
    for place, index in np.ndenumerate(order):
        value = rows[place[0], index]
        label = f":{labels[int(index)]}" if index < len(labels) else ""
        texts[place] = f"{value if array.dtype.kind in 'iu' else format(value, 'f')}:{index}{label}".encode()
    answer = texts[0] if array.ndim == 1 else texts
    return TensorSpec(spec.name, "BYTES", tuple(answer.shape)), answer


def _highest_first(rows: Array) -> Array:
    """The places of each row's elements. Whole numbers are compared as they are: a float tells large ones not apart."""
    if rows.dtype.kind == "f":
        values = rows.astype(np.float64)
        return np.asarray(np.argsort(np.where(np.isnan(values), np.inf, -values), axis=1, kind="stable"))
    # Sorted from behind and turned around, so that of equals the first stays first.
    return np.asarray(rows.shape[1] - 1 - np.argsort(rows[:, ::-1], axis=1, kind="stable")[:, ::-1])
