"""Golden rows are repeated until there are enough."""

from typing import Any

import numpy as np
import pytest

from hotshelf_server.core.engines import SIZES
from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.types import Signature, TensorSpec
from hotshelf_server.runtimes.engines.batches import MOST_BYTES, batches_of
from hotshelf_store.golden import Golden, GoldenCase
from tests.fakes.choosing import FakeChoosing

NONE: dict[str, Any] = {}


def golden(*rows: Any) -> Golden:
    return Golden(tuple(GoldenCase({"x": np.asarray(one, np.float64)}, NONE) for one in rows))


def servable(signature: Signature | None = None) -> FakeChoosing:
    found = FakeChoosing({"library": lambda _: 1.0})
    found.signature = signature or found.signature
    return found


def test_rows_of_all_cases_are_repeated() -> None:
    batches = batches_of(servable(), golden([[1, 2], [3, 4]], [[5, 6]]))
    assert batches is not None
    assert list(batches) == list(SIZES)
    assert batches[1]["x"].tolist() == [[1, 2]]
    assert batches[8]["x"][:, 0].tolist() == [1, 3, 5, 1, 3, 5, 1, 3]
    assert all(len(batch["x"]) == rows for rows, batch in batches.items())


def test_cases_of_another_form_are_left_out() -> None:
    batches = batches_of(servable(), golden([[1, 2]], [[5, 6, 7]]))
    assert batches is not None
    assert set(batches[64]["x"][:, 0]) == {1}


def test_what_is_no_batch_of_rows_is_not_repeated() -> None:
    fixed = Signature((TensorSpec("x", "FP64", (1, 2)),), (TensorSpec("y", "FP64", (-1,)),))
    assert batches_of(servable(fixed), golden([[1, 2]])) is None
    assert batches_of(servable(), golden(np.empty((0, 2)))) is None
    assert batches_of(servable(), Golden((GoldenCase(NONE, NONE),))) is None


def test_rows_so_wide_that_many_take_much_memory_are_not_repeated() -> None:
    width = MOST_BYTES // 8 // sum(SIZES)
    for columns, fits in ((width, True), (width + 1, False)):
        wide = Signature((TensorSpec("x", "FP64", (-1, columns)),), (TensorSpec("y", "FP64", (-1,)),))
        assert (batches_of(servable(wide), golden(np.zeros((1, columns)))) is not None) is fits


def test_rows_that_do_not_fit_the_signature_are_refused() -> None:
    with pytest.raises(InvalidInput):
        batches_of(servable(), golden([[1, 2, 3]]))
