import pytest

from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes.recommendation import Windows
from hotshelf_trainer.recommendation.split import split
from tests.unit.trainer.recommendation.purchases import generated

DAY = 86_400.0


def test_windows_lie_back_to_back_and_the_test_window_ends_with_the_data() -> None:
    purchases = generated()
    parts = split(purchases, Windows(days=28, train=2))
    assert parts.test.end == purchases.end
    assert parts.test.cut == parts.validation.end == purchases.end - 28 * DAY
    assert [window.end for window in parts.train] == [parts.validation.cut, parts.train[0].cut]


def test_a_short_history_says_how_many_days_are_there_and_needed() -> None:
    with pytest.raises(DataError, match=r"span (199|200) days, from 2024-01-01 to .*; 420 are needed: 28 days of"):
        split(generated(), Windows(days=28, train=12))
