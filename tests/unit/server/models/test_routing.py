"""Which version a call goes to."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.models.routing import Routes, choose, effective

WEIGHTS = st.dictionaries(st.integers(1, 9), st.integers(1, 100), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("asked", "current", "ready", "holds"),
    [
        ({"champion": {2: 100}}, {"champion": {1: 100}}, {1, 2}, {"champion": {2: 100}}),
        ({"champion": {2: 100}}, {"champion": {1: 100}}, {1}, {"champion": {1: 100}}),
        ({"champion": {1: 95, 2: 5}}, {"champion": {1: 100}}, {1}, {"champion": {1: 100}}),
        ({"champion": {1: 95, 2: 5}}, {}, {1}, {"champion": {1: 95}}),
        ({"champion": {2: 100}}, {"champion": {1: 100}}, set(), {}),
        ({"champion": {1: 1}}, {"champion": {1: 1}, "canary": {2: 1}}, {1, 2}, {"champion": {1: 1}}),
    ],
)
def test_a_route_moves_once_all_its_versions_are_ready(
    asked: Routes, current: Routes, ready: set[int], holds: Routes
) -> None:
    assert effective(asked, current, frozenset(ready)) == holds


@given(
    st.dictionaries(st.sampled_from("abc"), WEIGHTS),
    st.dictionaries(st.sampled_from("abc"), WEIGHTS),
    st.frozensets(st.integers(1, 9)),
)
def test_no_route_ever_leads_to_a_version_that_is_not_ready(
    asked: Routes, current: Routes, ready: frozenset[int]
) -> None:
    for weights in effective(asked, current, ready).values():
        assert weights
        assert ready.issuperset(weights)


@given(WEIGHTS, st.text(min_size=1))
def test_a_key_stays_on_one_version(weights: dict[int, int], key: str) -> None:
    assert choose(weights, key) == choose(weights, key)
    assert choose(weights, key) in weights


def test_keys_are_spread_by_the_weights() -> None:
    seen = Counter(choose({12: 90, 13: 10}, f"customer-{number}") for number in range(10_000))
    assert 850 < seen[13] < 1150


def test_calls_without_a_key_are_spread_too() -> None:
    seen = Counter(choose({12: 50, 13: 50}) for _ in range(2_000))
    assert min(seen[12], seen[13]) > 800


@given(
    st.permutations([3, 7]),
    st.lists(st.integers(0, 100), min_size=2, max_size=6).map(sorted),
    st.text(min_size=1),
)
def test_a_caller_on_a_canary_stays_there_while_its_share_grows(pair: list[int], shares: list[int], key: str) -> None:
    champion, canary = pair
    weights = [{champion: 100 - share, canary: share} for share in shares]
    routes = [{version: weight for version, weight in one.items() if weight} for one in weights]
    on_canary = [choose(route, key) == canary for route in routes]
    assert on_canary == sorted(on_canary)


def test_growing_a_canary_moves_only_as_many_callers_as_its_share_grows() -> None:
    keys = [f"customer-{number}" for number in range(10_000)]
    before = {key for key in keys if choose({12: 90, 13: 10}, key) == 13}
    after = {key for key in keys if choose({12: 75, 13: 25}, key) == 13}
    assert before < after
    assert 1_300 < len(after - before) < 1_700
