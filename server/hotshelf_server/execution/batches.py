"""Joins requests into one and takes the answers apart again. Pure functions: ``split(predict(merge(x))) == predict(x)``
for every model that treats its rows one by one."""

from collections.abc import Hashable, Sequence
from itertools import accumulate, pairwise

import numpy as np

from hotshelf_server.core.types import Parameters, Response, Tensors


class NotByRow(Exception):
    """An answer has other rows than its request, so nobody knows which belong to whom."""


def rows_of(inputs: Tensors) -> int | None:
    """The rows that all inputs have; None when they differ, have no rows, or there are no inputs."""
    counts = {array.shape[0] if array.ndim else 0 for array in inputs.values()}
    return counts.pop() or None if len(counts) == 1 else None


def key_of(inputs: Tensors, parameters: Parameters) -> Hashable:
    """Requests with equal keys may be joined: they have the same inputs but for their rows, and the same parameters."""
    tensors = tuple(sorted((name, array.dtype.str, array.shape[1:]) for name, array in inputs.items()))
    # True, 1 and 1.0 are equal to Python, and so are 0.0 and -0.0, but not to a model: it is their text that counts.
    return tensors, frozenset((name, repr(value)) for name, value in parameters.items())


def merge(requests: Sequence[Tensors]) -> Tensors:
    """One request with the rows of all, in order."""
    return {name: np.concatenate([request[name] for request in requests]) for name in requests[0]}


def split(response: Response, rows: Sequence[int]) -> list[Response]:
    """The answers to requests of so many rows each, in order. Raises `NotByRow`."""
    total = sum(rows)
    for name, array in response.outputs.items():
        if not array.ndim or array.shape[0] != total:
            raise NotByRow(f"output {name!r} has shape {list(array.shape)} for {total} rows")
    bounds = pairwise(accumulate(rows, initial=0))
    return [
        Response({name: array[start:end] for name, array in response.outputs.items()}, response.parameters)
        for start, end in bounds
    ]
