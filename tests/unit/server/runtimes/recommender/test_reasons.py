import numpy as np
import pytest

from hotshelf_server.core.recommendation import Source
from hotshelf_server.runtimes.recommender.candidates import fold_in
from hotshelf_server.runtimes.recommender.reasons import bought_before, reason
from hotshelf_server.runtimes.recommender.state import history_of
from tests.unit.server.runtimes.recommender.small import END, small_state

NOTHING = np.empty(0, dtype=np.int32)
APPLE, BREAD, CAKE, MILK, TEA = range(5)


@pytest.mark.parametrize(
    ("times", "days", "text"),
    [
        (1, 0.2, "bought once, today"),
        (1, 1.9, "bought once, yesterday"),
        (2, 3.0, "bought twice, last 3 days ago"),
        (6, 13.4, "bought 6 times, last 13 days ago"),
        (3, -2.0, "bought 3 times, last today"),
    ],
)
def test_a_repeat_says_how_often_and_when(times: int, days: float, text: str) -> None:
    assert bought_before(times, days).text == text


def test_a_new_product_names_what_spoke_for_it_by_title() -> None:
    state = small_state()
    history = history_of(state, 0, END)
    found = reason(state, history, fold_in(state, history, NOTHING), MILK)
    assert found.source is Source.BECAUSE_YOU_BOUGHT
    assert found.because_of == ("apple",), "bread speaks against milk"
    assert found.text == "because you bought Apple, red"


def test_what_nothing_spoke_for_is_popular() -> None:
    state = small_state()
    history = history_of(state, 0, END)
    assert reason(state, history, fold_in(state, history, NOTHING), CAKE).text == "popular now"
