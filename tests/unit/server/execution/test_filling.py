"""Which of those that wait are taken into a batch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.core.model_settings import BatchingSettings
from hotshelf_server.execution.filling import choose


@pytest.mark.parametrize(
    ("rows", "waiting", "preferred", "count", "goes"),
    [
        pytest.param(1, [], (), 0, False, id="nobody waits: there is room"),
        pytest.param(1, [1, 1], (), 2, False, id="all fit: there is room"),
        pytest.param(1, [3, 4], (), 2, True, id="all fit and nothing is left"),
        pytest.param(1, [5, 5, 1], (), 1, True, id="what does not fit is not overtaken"),
        pytest.param(8, [1], (), 0, True, id="full from the start"),
        pytest.param(20, [1], (), 0, True, id="larger than a batch goes alone"),
        pytest.param(1, [1, 1, 1], (2, 3), 2, True, id="the longest run of a preferred size"),
        pytest.param(4, [1], (4,), 0, True, id="a preferred size from the start"),
        pytest.param(1, [1, 4, 9], (2,), 1, True, id="a preferred size before what does not fit"),
        pytest.param(1, [2], (2, 6), 1, False, id="no preferred size is hit"),
    ],
)
def test_choose(rows: int, waiting: list[int], preferred: tuple[int, ...], count: int, goes: bool) -> None:
    batching = BatchingSettings(max_rows=8, preferred_rows=preferred)
    assert choose(rows, waiting, batching) == (count, goes)


@given(st.integers(1, 12), st.lists(st.integers(1, 12)), st.sets(st.integers(1, 8)))
def test_a_batch_is_never_larger_than_it_may_be(rows: int, waiting: list[int], preferred: set[int]) -> None:
    batching = BatchingSettings(max_rows=8, preferred_rows=tuple(preferred))
    count, goes = choose(rows, waiting, batching)
    total = rows + sum(waiting[:count])
    assert count == 0 or total <= 8
    assert goes or (count == len(waiting) and total < 8)
