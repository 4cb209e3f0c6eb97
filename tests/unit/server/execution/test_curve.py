"""What computing costs together and alone, as measured lately."""

import pytest

from hotshelf_server.execution.curve import STALE_SECONDS, Curve
from tests.fakes.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_what_is_not_known_is_tried(clock: FakeClock) -> None:
    curve = Curve(clock)
    assert curve.pays(8)
    curve.add(1, 1.0)
    assert curve.pays(8)


@pytest.mark.parametrize(("together", "pays"), [(7.9, True), (8.1, False)])
def test_together_pays_where_it_is_cheaper_than_one_by_one(clock: FakeClock, together: float, pays: bool) -> None:
    curve = Curve(clock)
    curve.add(1, 1.0)
    curve.add(8, together)
    assert curve.pays(8) is pays


def test_a_mean_follows_what_is_measured(clock: FakeClock) -> None:
    curve = Curve(clock)
    curve.add(1, 1.0)
    curve.add(8, 100.0)
    for _ in range(30):
        curve.add(8, 2.0)
    assert curve.pays(8)


def test_what_is_old_is_tried_again(clock: FakeClock) -> None:
    curve = Curve(clock)
    curve.add(1, 1.0)
    curve.add(8, 100.0)
    clock.advance(2 * STALE_SECONDS)
    curve.add(1, 1.0)
    assert curve.pays(8)
    curve.add(8, 8.5)
    assert not curve.pays(8)


def test_so_many_calls_fit_a_time(clock: FakeClock) -> None:
    curve = Curve(clock)
    assert curve.most(1.0) == 1
    curve.add(1, 0.1)
    assert curve.most(1.05) == 10
    assert curve.most(0.01) == 1
    assert Curve(clock).most(0.0) == 1
