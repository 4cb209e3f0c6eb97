"""How much of a catalogue is recommended."""

import pytest

from hotshelf_server.observability.coverage import MAX_PRODUCTS, WINDOW_SECONDS, Coverage


def test_different_products_count_once_each() -> None:
    coverage = Coverage()
    coverage.add(["a", "b"], 10, 0.0)
    coverage.add(["b", "c"], 10, 1.0)
    assert coverage.ratio(2.0) == pytest.approx(0.3)


def test_products_count_for_a_window_and_the_one_after_it() -> None:
    coverage = Coverage()
    coverage.add(["a"], 10, 0.0)
    coverage.add(["b"], 10, WINDOW_SECONDS + 1)
    assert coverage.ratio(WINDOW_SECONDS + 1) == pytest.approx(0.2)
    assert coverage.ratio(2 * WINDOW_SECONDS + 1) == pytest.approx(0.1)
    assert coverage.ratio(9 * WINDOW_SECONDS) == 0


def test_nothing_is_covered_before_the_first_answer() -> None:
    assert Coverage().ratio(0.0) == 0


def test_memory_is_bounded() -> None:
    coverage = Coverage()
    coverage.add(map(str, range(MAX_PRODUCTS)), 2 * MAX_PRODUCTS, 0.0)
    coverage.add(["more"], 2 * MAX_PRODUCTS, 0.0)
    assert coverage.ratio(0.0) == 0.5
