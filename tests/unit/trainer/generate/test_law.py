import pytest

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.generate import Law
from hotshelf_trainer.generate.law import CHUNK_LINES


@pytest.mark.parametrize("name", ["customers", "products", "lines", "days"])
def test_sizes_are_positive(name: str) -> None:
    sizes = {"customers": 1, "products": 1, "lines": 1, "days": 1} | {name: 0}
    with pytest.raises(DataError, match=f"{name}: 0; expected 1 or more"):
        Law(**sizes)


def test_a_seed_is_not_negative() -> None:
    with pytest.raises(DataError, match="seed: -1; expected 0 or more"):
        Law(10, 10, 100, seed=-1)


def test_one_customer_can_not_be_asked_for_more_lines_than_fit_a_chunk() -> None:
    with pytest.raises(DataError, match="lines: 1,000,000 for 10 customers; expected at most 10,000 a customer"):
        Law(10, 10, 1_000_000)


@pytest.mark.parametrize(("customers", "lines"), [(1, 1), (2_000, 20_000_000), (7, 1_000), (1_000_000, 100_000_000)])
def test_chunks_hold_all_customers_and_bounded_lines(customers: int, lines: int) -> None:
    law = Law(customers, 10, lines)
    assert (law.chunks - 1) * law.chunk_customers < customers <= law.chunks * law.chunk_customers
    assert law.chunk_customers == 1 or law.chunk_customers * lines / customers <= CHUNK_LINES
