"""A recommender's queries and answers as tensors, for clients of the Open Inference Protocol."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.recommendation import Query, Recommendations, RepeatPolicy
from hotshelf_server.core.types import Array, Parameters, Signature, Tensors, TensorSpec

SIGNATURE = Signature(
    inputs=(
        TensorSpec("customer", "BYTES", (-1,)),
        TensorSpec("basket", "BYTES", (-1, -1), optional=True),
        TensorSpec("exclude", "BYTES", (-1, -1), optional=True),
    ),
    outputs=(
        TensorSpec("product", "BYTES", (-1, -1)),
        TensorSpec("score", "FP64", (-1, -1)),
        TensorSpec("reason", "BYTES", (-1, -1)),
        TensorSpec("fallback", "BYTES", (-1,)),
    ),
)
"""Rows of two-dimensional tensors that are shorter than the longest are padded with ``b""`` and NaN."""

EARLIEST, LATEST = -62_135_596_800, 253_402_300_799
"""The years 1 to 9999, in seconds since the epoch: what protobuf's timestamps can say."""

MAX_K = 1000
MAX_CUSTOMERS = 256
"""Customers in one call: some milliseconds each, which nothing interrupts."""
MAX_LISTED = {"basket": 1_000, "exclude": 10_000}
"""Products in one row."""


def queries(inputs: Tensors, parameters: Parameters) -> list[Query]:
    """One query for each element of ``customer``. Raises ``InvalidInput`` naming the tensor or parameter."""
    customers = _texts("customer", inputs["customer"])
    _bounded("customer", len(customers), MAX_CUSTOMERS)
    baskets = _lists("basket", inputs.get("basket"), len(customers))
    excluded = _lists("exclude", inputs.get("exclude"), len(customers))
    k, policy, as_of = _k(parameters), _policy(parameters), _as_of(parameters)
    return [
        Query(customer, k, basket, exclude, policy, as_of)
        for customer, basket, exclude in zip(customers, baskets, excluded, strict=True)
    ]


def outputs(answers: Sequence[Recommendations]) -> dict[str, Array]:
    """The answers as padded tensors."""
    width = max((len(answer.items) for answer in answers), default=0)
    shape = (len(answers), width)
    product, reason = np.full(shape, b"", dtype=object), np.full(shape, b"", dtype=object)
    score = np.full(shape, np.nan)
    for row, answer in enumerate(answers):
        for column, item in enumerate(answer.items):
            product[row, column] = item.product.encode()
            reason[row, column] = item.reason.text.encode()
            score[row, column] = item.score
    fallback = np.array([answer.fallback.value.encode() for answer in answers], dtype=object)
    return {"product": product, "score": score, "reason": reason, "fallback": fallback}


def _bounded(name: str, found: int, most: int) -> None:
    if found > most:
        raise InvalidInput(f"{name}: {found} elements; expected at most {most} in one call", tensor=name, expected=most)


def check_k(k: int) -> int:
    """``k`` itself; raises ``InvalidInput`` outside 1..1000."""
    if not 1 <= k <= MAX_K:
        raise InvalidInput(f"k: {k}; expected a whole number from 1 to {MAX_K}", parameter="k", expected=f"1..{MAX_K}")
    return k


def _texts(name: str, array: Array) -> list[str]:
    try:
        return [element.decode() for element in array.ravel()]
    except (UnicodeDecodeError, AttributeError) as error:
        raise InvalidInput(
            f"{name}: expected elements of UTF-8 text: {error}", tensor=name, expected="UTF-8"
        ) from error


def _lists(name: str, array: Array | None, rows: int) -> list[tuple[str, ...]]:
    """One tuple a row, without the padding."""
    if array is None:
        return [()] * rows
    if len(array) != rows:
        raise InvalidInput(
            f"{name}: {len(array)} rows; expected {rows}, as many as customer has elements",
            tensor=name,
            expected=rows,
        )
    _bounded(name, array.shape[1], MAX_LISTED[name])
    return [tuple(text for text in _texts(name, row) if text) for row in array]


def _k(parameters: Parameters) -> int:
    k: Any = parameters.get("k", 10)
    if isinstance(k, bool) or not isinstance(k, int):
        raise InvalidInput(
            f"k: {k!r}; expected a whole number from 1 to {MAX_K}", parameter="k", expected=f"1..{MAX_K}"
        )
    return check_k(k)


def _policy(parameters: Parameters) -> RepeatPolicy:
    given = parameters.get("repeat_policy", RepeatPolicy.MIXED.value)
    try:
        return RepeatPolicy(given)
    except ValueError as error:
        words = ", ".join(policy.value for policy in RepeatPolicy)
        raise InvalidInput(
            f"repeat_policy: {given!r}; expected one of {words}", parameter="repeat_policy", expected=words
        ) from error


def _as_of(parameters: Parameters) -> float | None:
    as_of: Any = parameters.get("as_of")
    if as_of is None:
        return None
    if isinstance(as_of, bool) or not isinstance(as_of, int | float) or not EARLIEST <= as_of <= LATEST:
        expected = "seconds since the epoch (UTC), in the years 1 to 9999"
        raise InvalidInput(f"as_of: {as_of!r}; expected {expected}", parameter="as_of", expected=expected)
    return float(as_of)
