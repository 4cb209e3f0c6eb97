import numpy as np

from hotshelf_server.runtimes.recommender.candidates import fold_in, select
from hotshelf_server.runtimes.recommender.feature_names import NAMES
from hotshelf_server.runtimes.recommender.features import features, rank_within
from hotshelf_server.runtimes.recommender.state import history_of
from tests.unit.server.runtimes.recommender.small import END, small_state

NOTHING = np.empty(0, dtype=np.int32)


def matrix_of(as_of: float = END) -> dict[str, list[float]]:
    state = small_state()
    history = history_of(state, 0, as_of)
    folded = fold_in(state, history, NOTHING)
    matrix = features(state, history, folded, select(state, history, folded, NOTHING), as_of)
    return {name: matrix[:, column].tolist() for column, name in enumerate(NAMES)}


def test_personal_features_are_those_of_the_history() -> None:
    found = matrix_of()
    assert found["bought_baskets"] == [3, 1, 0, 0]
    assert found["days_since_bought"][:2] == [13.5, 5]
    assert np.isnan(found["days_since_bought"][2:]).all()
    assert found["personal_gap"][0] == (40 - 13.5) / 2
    assert found["in_last_basket"][:2] == [0, 1]


def test_ages_are_counted_from_as_of() -> None:
    later = matrix_of(END + 2 * 86_400)
    assert later["days_since_bought"][:2] == [15.5, 7]
    assert later["customer_days_since_basket"][0] == matrix_of()["customer_days_since_basket"][0] + 2


def test_category_features_count_the_shelf_of_the_candidate() -> None:
    found = matrix_of()
    assert found["category_share"] == [0.75, 0.25, 0, 0.25]
    assert found["days_since_category"][3] == 5


def test_products_that_were_not_modelled_score_nothing() -> None:
    found = matrix_of()
    assert found["ease"][3] == 0
    assert found["als"][3] == 0


def test_ranks_break_ties_in_order() -> None:
    assert rank_within(np.array([1, 3, 3, 2], dtype=np.float32)).tolist() == [3, 0, 1, 2]
