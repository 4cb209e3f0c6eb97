"""What computing costs together and alone, as measured lately."""

from math import inf

import pytest

from hotshelf_server.execution.curve import STALE_SECONDS, Curve

NOW = 1000.0


def test_what_is_not_known_is_tried() -> None:
    curve = Curve()
    assert curve.pays(8, NOW)
    curve.add(1, 1.0, NOW)
    assert curve.pays(8, NOW)


@pytest.mark.parametrize(("together", "pays"), [(7.9, True), (8.1, False)])
def test_together_pays_where_it_is_cheaper_than_one_by_one(together: float, pays: bool) -> None:
    curve = Curve()
    curve.add(1, 1.0, NOW)
    curve.add(8, together, NOW)
    assert curve.pays(8, NOW) is pays


def test_a_mean_follows_what_is_measured() -> None:
    curve = Curve()
    curve.add(1, 1.0, NOW)
    curve.add(8, 100.0, NOW)
    for _ in range(30):
        curve.add(8, 2.0, NOW)
    assert curve.pays(8, NOW)


def test_what_is_old_is_tried_again() -> None:
    curve = Curve()
    curve.add(1, 1.0, NOW)
    curve.add(8, 100.0, NOW)
    later = NOW + 2 * STALE_SECONDS
    curve.add(1, 1.0, later)
    assert curve.pays(8, later)
    curve.add(8, 8.5, later)
    assert not curve.pays(8, later)


def test_a_call_alone_costs_what_it_took_lately() -> None:
    curve = Curve()
    assert curve.alone(NOW) == inf
    curve.add(1, 0.1, NOW)
    assert curve.alone(NOW) == 0.1
    curve.add(1, 0.2, NOW)
    assert 0.1 < curve.alone(NOW) < 0.2
    assert curve.alone(NOW + 2 * STALE_SECONDS) == inf
