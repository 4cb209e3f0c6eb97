import numpy as np

from hotshelf_server.runtimes.recommender.candidates import fold_in, select
from hotshelf_server.runtimes.recommender.state import history_of
from tests.unit.server.runtimes.recommender.small import END, small_state

NOTHING = np.empty(0, dtype=np.int32)
APPLE, BREAD, CAKE, MILK, TEA = range(5)


def test_ease_folds_in_the_history_with_time_decay() -> None:
    state = small_state()
    folded = fold_in(state, history_of(state, 0, END), NOTHING)
    apple, bread = np.exp(-13.5 / 90), np.exp(-5 / 90)
    np.testing.assert_allclose(folded.ease, [0.1 * bread, 0.1 * apple, 0.6 * apple - 0.2 * bread], rtol=1e-6)


def test_the_open_basket_counts_as_bought_now() -> None:
    state = small_state()
    folded = fold_in(state, history_of(state, -1, END), np.array([APPLE], dtype=np.int32))
    np.testing.assert_allclose(folded.ease, [0, 0.1, 0.6], rtol=1e-6)


def test_a_basket_product_that_was_bought_before_is_folded_in_once() -> None:
    state = small_state()
    folded = fold_in(state, history_of(state, 0, END), np.array([APPLE], dtype=np.int32))
    assert sorted(folded.places.tolist()) == [0, 1]
    assert folded.weights.max() == 1


def test_als_solves_the_customers_equation() -> None:
    state = small_state()
    folded = fold_in(state, history_of(state, 0, END), NOTHING)
    factors, gram = state.learned.factors.astype(np.float64), state.learned.gram.astype(np.float64)
    confidence = 10 * np.exp(-np.array([13.5, 5]) / 90)
    own = factors[:2]
    customer = np.linalg.solve(gram + own.T @ np.diag(confidence) @ own, own.T @ (1 + confidence))
    np.testing.assert_allclose(folded.als, factors @ customer, rtol=1e-5)


def test_own_products_come_first_and_no_product_twice() -> None:
    state = small_state()
    history = history_of(state, 0, END)
    candidates = select(state, history, fold_in(state, history, NOTHING), NOTHING)
    assert candidates.product.tolist() == [APPLE, BREAD, MILK, CAKE]
    assert candidates.repeats == 2


def test_hidden_products_never_come_back() -> None:
    state = small_state()
    history = history_of(state, 0, END)
    hidden = np.array([APPLE, MILK], dtype=np.int32)
    candidates = select(state, history, fold_in(state, history, NOTHING), hidden)
    assert candidates.product.tolist() == [BREAD, CAKE]
    assert candidates.repeats == 1


def test_what_was_never_sold_is_no_candidate() -> None:
    state = small_state()
    history = history_of(state, 1, END)
    candidates = select(state, history, fold_in(state, history, NOTHING), NOTHING, at_least=1000)
    assert TEA not in candidates.product


def test_the_pool_grows_with_what_is_asked_for() -> None:
    state = small_state(history_candidates=1, ease_candidates=0, als_candidates=0, popular_candidates=1)
    history = history_of(state, 0, END)
    folded = fold_in(state, history, NOTHING)
    assert select(state, history, folded, NOTHING).product.tolist() == [APPLE, MILK]
    assert select(state, history, folded, NOTHING, at_least=4).product.tolist() == [APPLE, BREAD, MILK, CAKE]
