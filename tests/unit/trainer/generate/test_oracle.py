import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.generate import Law
from hotshelf_trainer.generate.chunk import Chunk, chunk_of
from hotshelf_trainer.generate.law import COPY_LAG, SECONDS_PER_DAY
from hotshelf_trainer.generate.oracle import chances_of, oracle
from hotshelf_trainer.generate.shelf import shelf_of

LAW = Law(customers=600, products=150, lines=60_000, days=200, seed=5)
AT, DAYS = 172.0, 28.0


def played(past: list[int], fresh: npt.NDArray[np.float64], explore: float, horizon: int) -> npt.NDArray[np.float64]:
    """How often each product was bought, with the lines played out one by one, 4,000 times."""
    rng = np.random.default_rng(1)
    lines = np.tile(np.array(past + [0] * horizon), (4_000, 1))
    runs = np.arange(len(lines))
    for line in range(len(past), lines.shape[1]):
        drawn = rng.choice(len(fresh), len(lines), p=fresh)
        lag = rng.exponential(COPY_LAG, len(lines)).astype(int)
        copied = lines[runs, np.maximum(line - 1 - lag, 0)]
        lines[:, line] = np.where(rng.random(len(lines)) < explore, drawn, copied)
    later = lines[:, len(past) :]
    return np.array([(later == product).any(axis=1).mean() for product in range(len(fresh))])


@pytest.mark.parametrize(("explore", "horizon"), [(0.4, 1), (0.4, 12), (0.1, 60), (0.9, 5)])
def test_chances_are_those_of_the_process_played_out(explore: float, horizon: int) -> None:
    past, fresh = [3, 3, 0, 1, 3, 2, 2, 1], np.array([0.05, 0.3, 0.1, 0.05, 0.4, 0.1])
    found = chances_of(np.array(past, dtype=np.int32), fresh, explore, horizon)
    # Three standard deviations of a share of 4,000 runs, at most.
    np.testing.assert_allclose(found, played(past, fresh, explore, horizon), atol=0.025)


@given(
    past=st.lists(st.integers(0, 4), min_size=1, max_size=30),
    weights=st.lists(st.floats(0.01, 1), min_size=5, max_size=5),
    explore=st.floats(0.001, 0.999),
    horizon=st.integers(1, 400),
)
def test_chances_are_probabilities_that_grow_with_the_horizon(
    past: list[int], weights: list[float], explore: float, horizon: int
) -> None:
    fresh = np.array(weights) / sum(weights)
    lines = np.array(past, dtype=np.int32)
    now, later = (chances_of(lines, fresh, explore, length) for length in (horizon, horizon + 1))
    assert (now > 0).all()
    assert (later >= now).all()
    assert (later <= 1).all()
    # One line holds one product.
    assert chances_of(lines, fresh, explore, 1).sum() == pytest.approx(1)


def test_of_equal_lines_the_later_is_the_more_probable() -> None:
    past = np.arange(10, dtype=np.int32)
    found = chances_of(past, np.full(10, 0.1), 0.3, 5)
    assert (np.diff(found[1:]) > 0).all()


@pytest.fixture(scope="module")
def chunk() -> Chunk:
    return chunk_of(LAW, 0)


def test_what_the_oracle_calls_probable_is_bought_as_often(chunk: Chunk) -> None:
    owner, day = chunk.owner[chunk.basket], chunk.second[chunk.basket] / SECONDS_PER_DAY
    active = np.unique(owner[(day >= AT) & np.isin(owner, owner[day < AT])]).astype(np.int64)
    given_chances, bought = [], []
    launched = shelf_of(LAW).launch <= AT
    for customer, chances in oracle(LAW, AT, DAYS).chances(active):
        given_chances.append(chances[launched])
        later = chunk.product[(owner == customer) & (day >= AT)]
        bought.append(np.isin(np.flatnonzero(launched), later))
    chance, happened = np.concatenate(given_chances), np.concatenate(bought)
    for low, high in ((0.0, 0.02), (0.02, 0.1), (0.1, 0.3), (0.3, 0.6)):
        inside = (chance >= low) & (chance < high)
        assert happened[inside].mean() == pytest.approx(chance[inside].mean(), rel=0.25)


def test_products_that_are_not_launched_have_no_chance() -> None:
    unborn = shelf_of(LAW).launch > AT
    assert unborn.any()
    _, chances = next(iter(oracle(LAW, AT, DAYS).chances(np.array([0]))))
    assert (chances[unborn] == 0).all()


def test_a_customer_that_the_law_does_not_have_is_refused() -> None:
    with pytest.raises(DataError, match="customer 600: the law has customers 0 to 599"):
        next(iter(oracle(LAW, AT, DAYS).chances(np.array([600]))))
