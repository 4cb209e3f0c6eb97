"""What is taken of calls for the next scrape."""

import numpy as np

from hotshelf_server.core.types import VersionId
from hotshelf_server.observability.taps import CALLS, MAX_CALLS, MAX_ROW_BYTES, ROWS, Taps

ONE, TWO = VersionId("shop", 1), VersionId("shop", 2)


def offered(taps: Taps, calls: int) -> None:
    for _ in range(calls):
        taps.offer(ONE, {"a": np.zeros(1)}, {"b": np.zeros(1)})


def test_a_scrape_gets_the_first_rows_of_what_was_called_since_the_last() -> None:
    taps = Taps()
    values = np.arange(100.0)
    taps.offer(ONE, {"a": values}, {"b": values.reshape(-1, 2)})
    values[:] = -1
    (taken,) = taps.drain(ONE)
    assert taken.inputs["a"].tolist() == list(range(ROWS))
    assert taken.outputs["b"].shape == (ROWS, 2)
    assert not taps.drain(ONE)


def test_what_is_taken_is_spread_over_as_many_calls_as_there_were_before() -> None:
    taps = Taps()
    offered(taps, 10 * CALLS)
    assert len(taps.drain(ONE)) == MAX_CALLS
    offered(taps, 10 * CALLS)
    assert len(taps.drain(ONE)) == CALLS


def test_calls_that_nobody_scrapes_cost_bounded_memory() -> None:
    taps = Taps()
    offered(taps, 3 * MAX_CALLS)
    assert len(taps.drain(ONE)) == MAX_CALLS


def test_what_is_no_column_is_left_out() -> None:
    taps = Taps()
    wide = np.zeros((2, MAX_ROW_BYTES), np.float64)
    taps.offer(ONE, {"image": wide, "scalar": np.array(1.0), "cube": np.zeros((1, 1, 1)), "empty": np.zeros(0)}, {})
    assert set(taps.drain(ONE)[0].inputs) == {"empty"}


def test_versions_that_are_not_kept_are_forgotten() -> None:
    taps = Taps()
    offered(taps, 1)
    taps.offer(TWO, {}, {})
    taps.keep([TWO])
    assert taps.versions() == {TWO}
    assert not taps.drain(ONE)
