import numpy as np
import pytest

from hotshelf_trainer.generate import Law
from hotshelf_trainer.generate.chunk import Chunk, chunk_of
from hotshelf_trainer.generate.law import SECONDS_PER_DAY
from hotshelf_trainer.generate.shelf import shelf_of

LAW = Law(customers=1_000, products=400, lines=200_000, days=300, seed=3)


@pytest.fixture(scope="module")
def chunk() -> Chunk:
    return chunk_of(LAW, 0)


def test_a_chunk_is_the_same_whenever_it_is_made(chunk: Chunk) -> None:
    again = chunk_of(LAW, 0)
    np.testing.assert_array_equal(again.product, chunk.product)
    np.testing.assert_array_equal(again.second, chunk.second)


def test_baskets_are_sorted_by_customer_and_time_and_within_the_customers_life(chunk: Chunk) -> None:
    key = chunk.owner.astype(np.int64) * LAW.days * SECONDS_PER_DAY + chunk.second
    assert (np.diff(key) >= 0).all()
    day = chunk.second // SECONDS_PER_DAY
    assert (day >= np.floor(chunk.people.signup)[chunk.owner]).all()
    assert (day < LAW.days).all()


def test_saturdays_have_more_baskets(chunk: Chunk) -> None:
    weekday = np.bincount(chunk.second // SECONDS_PER_DAY % 7, minlength=7)
    assert weekday.argmax() == 5
    assert weekday[5] > 2 * weekday[:5].max()


def test_those_who_explore_more_have_more_products(chunk: Chunk) -> None:
    customer = chunk.owner[chunk.basket]
    lines = np.bincount(customer, minlength=1_000)
    pairs = np.unique(customer.astype(np.int64) * LAW.products + chunk.product)
    share = np.bincount(pairs // LAW.products, minlength=1_000) / np.maximum(lines, 1)
    many = lines > 60
    assert np.corrcoef(share[many], chunk.people.explore[many])[0, 1] > 0.6


def test_no_line_holds_what_is_not_launched_yet(chunk: Chunk) -> None:
    assert (shelf_of(LAW).launch[chunk.product] <= chunk.second[chunk.basket] / SECONDS_PER_DAY).all()


def test_baskets_hold_five_lines_on_average_and_lines_hold_pieces(chunk: Chunk) -> None:
    assert np.bincount(chunk.basket).mean() == pytest.approx(5, rel=0.03)
    assert chunk.quantity.min() == 1
    assert chunk.quantity.mean() == pytest.approx(4 / 3, rel=0.02)
