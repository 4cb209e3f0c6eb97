import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_trainer.recommendation.data.rows import Rows, rows_of

Line = tuple[int, int, float, int, float]
LINES = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(0, 3),
        st.integers(0, 9).map(float),
        st.integers(0, 2),
        st.sampled_from((-2.0, -1.0, 1.0, 3.0)),
    ),
    min_size=1,
    max_size=40,
)


def table_of(lines: list[Line]) -> pl.DataFrame:
    """customer, product, time, basket, quantity."""
    schema = {"customer": pl.Int32, "product": pl.Int32, "time": pl.Float64, "basket": pl.Int64, "quantity": pl.Float64}
    return pl.DataFrame(lines, schema=schema, orient="row")


def listed(rows: Rows) -> list[tuple[float, ...]]:
    columns = (rows.customer, rows.product, rows.basket, rows.time, rows.returned)
    return [tuple(map(float, row)) for row in zip(*columns, strict=True)]


def bought(lines: list[Line]) -> dict[tuple[int, int, int], tuple[float, float]]:
    """(time, returned) by customer, product and basket, found slowly: pieces are taken back one by one."""
    times: dict[tuple[int, int], float] = {}
    returned: dict[tuple[int, int, int], float] = {}
    standing: dict[tuple[int, int], list[list[float]]] = {}
    for customer, product, time, basket, quantity in sorted(lines, key=lambda line: line[2:4]):
        stack = standing.setdefault((customer, product), [])
        if quantity > 0:
            times[customer, basket] = min(time, times.get((customer, basket), np.inf))
            stack.append([basket, quantity])
            returned[customer, product, basket] = np.inf
            continue
        for _ in range(int(-quantity)):
            if stack:
                stack[-1][1] -= 1
                if stack[-1][1] == 0:
                    line = (customer, product, int(stack.pop()[0]))
                    # Another line of the same basket may stand still.
                    if not any(other[0] == line[2] for other in stack):
                        returned[line] = time
    return {(c, p, b): (times[c, b], when) for (c, p, b), when in returned.items()}


@given(lines=LINES, part=st.integers(1, 50))
def test_parts_of_any_size_give_the_same_rows(lines: list[Line], part: int) -> None:
    assert listed(rows_of(table_of(lines), part)) == listed(rows_of(table_of(lines)))


@given(lines=LINES)
def test_rows_are_each_product_of_each_basket_once(lines: list[Line]) -> None:
    rows = rows_of(table_of([(*line[:4], abs(line[4])) for line in lines]))
    assert len(rows.customer) == len({(customer, product, basket) for customer, product, _, basket, _ in lines})
    assert np.isinf(rows.returned).all()
    order = np.lexsort((rows.basket, rows.product, rows.customer))
    np.testing.assert_array_equal(order, np.arange(len(order)))


@given(lines=LINES)
def test_baskets_are_counted_by_customer_and_time_without_gaps(lines: list[Line]) -> None:
    rows = rows_of(table_of([(*line[:4], abs(line[4])) for line in lines]).drop("quantity"))
    _, first = np.unique(rows.basket, return_index=True)
    np.testing.assert_array_equal(np.unique(rows.basket), np.arange(len(first)))
    owner, time = rows.customer[first], rows.time[first]
    assert all((a, b) <= (c, d) for a, b, c, d in zip(owner, time, owner[1:], time[1:], strict=False))
    np.testing.assert_array_equal(rows.time, time[rows.basket])


@given(lines=LINES)
def test_returns_take_back_the_newest_purchases_first(lines: list[Line]) -> None:
    # One line a moment: what came first within a moment is for the file to say, and it doesn't.
    once = list({line[2]: line for line in lines}.values())
    rows = rows_of(table_of(once))
    expected = bought(once)
    found = {(float(time), float(when)) for time, when in zip(rows.time, rows.returned, strict=True)}
    assert found == set(expected.values())
    assert len(rows.time) == len(expected)


def test_nothing_but_returns_gives_no_rows() -> None:
    assert len(rows_of(table_of([(0, 0, 1.0, 0, -1.0)])).customer) == 0


@pytest.mark.parametrize("kind", [pl.Int64, pl.String])
def test_a_basket_may_be_a_number_or_a_name(kind: type[pl.DataType]) -> None:
    table = table_of([(0, 1, 5.0, 7, 1.0), (0, 2, 5.0, 7, 1.0), (0, 1, 6.0, 8, 1.0)])
    rows = rows_of(table.with_columns(pl.col("basket").cast(kind)))
    assert rows.basket.tolist() == [0, 1, 0]
