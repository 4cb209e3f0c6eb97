"""The engine for so many rows."""

from collections.abc import Sequence

import pytest

from hotshelf_server.core.engines import SIZES, Choice
from hotshelf_server.runtimes.engines import Engines

FOUR = Choice(("a", "b", "c", "a"), "measured")


def engines() -> Engines[str]:
    return Engines({"a": "A", "b": "B", "c": "C"}, "b")


def test_the_default_one_computes_until_there_is_a_choice() -> None:
    found = engines()
    assert {found.of(rows) for rows in (0, 1, 100, 100_000)} == {"B"}
    assert found.choice.engines == ("b",) * len(SIZES)
    assert found.choice.how == "default"


@pytest.mark.parametrize(
    ("engine", "sizes"),
    [("A", (0, 1, 2)), ("B", (3, 8, 22)), ("C", (23, 64, 181)), ("A", (182, 512, 10**9))],
)
def test_a_size_stands_for_the_numbers_of_rows_that_are_nearest_to_it(engine: str, sizes: Sequence[int]) -> None:
    found = engines()
    found.settle(FOUR)
    assert {found.of(rows) for rows in sizes} == {engine}


def test_a_choice_of_what_is_not_there_changes_nothing() -> None:
    found = engines()
    with pytest.raises(KeyError):
        found.settle(Choice(("a", "b", "c", "d"), "measured"))
    assert found.choice.how == "default"
    assert found.of(1) == "B"


def test_what_is_not_chosen_may_be_given_up() -> None:
    found = engines()
    found.settle(Choice(("a", "a", "c", "c"), "measured"))
    found.give_up()
    assert found.names == ("a", "c")
    assert found.of(1) == found.named("a") == "A"
    with pytest.raises(KeyError):
        found.named("b")
