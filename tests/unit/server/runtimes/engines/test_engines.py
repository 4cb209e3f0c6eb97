"""The engine for so many rows."""

from collections.abc import Sequence
from functools import partial

import pytest

from hotshelf_server.core.engines import SIZES, Choice
from hotshelf_server.runtimes.engines import Engines

FOUR = Choice(("a", "b", "c", "a"), "measured")


def engines() -> Engines[str]:
    return Engines({"a": lambda: "A", "b": lambda: "B", "c": lambda: "C"}, "b")


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


def test_an_engine_is_made_when_it_is_asked_for_and_kept_until_the_next_choice() -> None:
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name.upper()

    found = Engines({name: partial(make, name) for name in "abc"}, "b")
    assert (found.names, made) == (("a", "b", "c"), ["b"])
    assert found.named("a") == found.named("a") == "A"
    assert made == ["b", "a"]
    found.settle(Choice(("a", "a", "c", "c"), "measured"))
    assert made == ["b", "a", "c"]
    assert (found.named("b"), made) == ("B", ["b", "a", "c", "b"])


def test_where_an_engine_can_not_be_made_the_ones_before_compute_on() -> None:
    def broken() -> str:
        raise ValueError("broken")

    found = Engines({"a": lambda: "A", "b": broken}, "a")
    with pytest.raises(ValueError, match="broken"):
        found.settle(Choice(("a", "a", "b", "b"), "measured"))
    assert {found.of(rows) for rows in (1, 100)} == {"A"}
