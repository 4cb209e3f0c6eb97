from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hotshelf_server.runtimes.recommender.feature_names import CUSTOMER, PRODUCT
from hotshelf_server.runtimes.recommender.state import FACTS_ARRAYS, Settings, State
from hotshelf_trainer.recipes.recommendation import Data, RecommendationRecipe
from hotshelf_trainer.recommendation.artifacts import Purchases, Window
from hotshelf_trainer.recommendation.data import purchases_from
from hotshelf_trainer.recommendation.facts import facts_at
from hotshelf_trainer.recommendation.fit.learned import learn
from hotshelf_trainer.recommendation.fit.settings import settings_of
from hotshelf_trainer.recommendation.rows import rows_of
from hotshelf_trainer.recommendation.truth import truth_of
from tests.unit.trainer.recommendation.purchases import (
    COLUMNS,
    before,
    generated,
    generated_file,
    small_recipe,
    write_lines,
)

DAY = 86_400.0


def state_at(purchases: Purchases, cut: float, recipe: RecommendationRecipe) -> State:
    settings = settings_of(recipe)
    facts = facts_at(purchases, cut, settings)
    return State.of(
        settings, purchases.catalogue, facts, learn(facts, len(purchases.catalogue.products), settings, recipe)
    )


def features_by_name(purchases: Purchases, state: State, cut: float) -> dict[tuple[str, str], bytes]:
    """Features of every candidate of every customer who bought in the 28 days after the cut, by names."""
    truth = truth_of(generated(), Window(cut, cut + 28 * DAY), facts_at(generated(), cut, Settings()))
    # Labels are not compared; products of the window may not be in an earlier catalogue.
    rows = rows_of(state, replace(truth, product=np.zeros_like(truth.product)), lambda share: None)
    keys = [
        (state.facts.customers[truth.customers[query]], purchases.catalogue.products[product])
        for query, product in zip(rows.query, rows.product, strict=True)
    ]
    return {key: row.tobytes() for key, row in zip(keys, rows.features, strict=True)}


def test_features_at_a_cut_are_equal_to_the_bit_with_all_later_rows_deleted(tmp_path: Path) -> None:
    cut = generated().end - 60 * DAY
    recipe = small_recipe()
    earlier = purchases_from(Data(path=before(generated_file(), cut, tmp_path / "past.parquet"), columns=COLUMNS))
    assert len(earlier) < len(generated())
    with_future, without = state_at(generated(), cut, recipe), state_at(earlier, cut, recipe)
    assert list(with_future.facts.customers) == list(without.facts.customers)
    for name in FACTS_ARRAYS:
        if name not in {"product", "product_features", "popularity"}:  # those are indexed by each catalogue's products
            np.testing.assert_array_equal(getattr(with_future.facts, name), getattr(without.facts, name))
    one, other = (
        features_by_name(generated(), with_future, cut),
        features_by_name(earlier, without, cut),
    )
    assert one.keys() == other.keys()
    assert one == other


@pytest.fixture(scope="module")
def tea(tmp_path_factory: pytest.TempPathFactory) -> Purchases:
    path = write_lines(
        tmp_path_factory.mktemp("tea") / "a.csv",
        ("ann", "tea", "1970-01-02 00:00:00", 1),
        ("ann", "tea", "1970-01-06 00:00:00", 1),
        ("ann", "jam", "1970-01-06 00:00:00", 1),
        ("bob", "jam", "1970-01-08 00:00:00", 1),
        ("bob", "jam", "1970-01-20 00:00:00", -1),
    )
    columns = COLUMNS.model_copy(update={"basket": None, "quantity": "quantity"})
    return purchases_from(Data(path=path, columns=columns))


def test_facts_count_baskets_and_ages_in_days_before_the_cut(tea: Purchases) -> None:
    facts = facts_at(tea, 10 * DAY, Settings(frequency_decay_days=2))
    assert list(facts.customers) == ["ann", "bob"]
    assert facts.product.tolist() == [0, 1, 0]
    assert facts.baskets.tolist() == [1, 2, 1]
    assert facts.first_age.tolist() == [5, 9, 3]
    assert facts.last_age.tolist() == [5, 5, 3]
    assert facts.decayed[1] == pytest.approx(np.exp(-4.5) + np.exp(-2.5))
    assert facts.customer_features[0, CUSTOMER.index("customer_baskets")] == 2
    assert facts.customer_features[0, CUSTOMER.index("customer_basket_gap")] == 4
    assert facts.product_features[1, PRODUCT.index("product_repeat_gap")] == 4
    assert facts.product_features[0, PRODUCT.index("product_buyers")] == 2


def test_a_customer_without_a_purchase_before_the_cut_is_unknown(tea: Purchases) -> None:
    assert list(facts_at(tea, 6.5 * DAY, Settings()).customers) == ["ann"]


def test_a_purchase_counts_until_it_is_returned(tea: Purchases) -> None:
    assert list(facts_at(tea, 19 * DAY, Settings()).customers) == ["ann", "bob"]
    assert list(facts_at(tea, 21 * DAY, Settings()).customers) == ["ann"]


def test_truth_is_what_was_bought_and_kept_by_known_customers(tea: Purchases) -> None:
    window = Window(5 * DAY, 10 * DAY)
    truth = truth_of(tea, window, facts_at(tea, window.cut, Settings()))
    assert truth.customers.tolist() == [0]
    assert truth.product.tolist() == [0, 1]
    assert truth.bought_before.tolist() == [False, True]
    assert truth.cold_customers == 1
    longer = Window(5 * DAY, 30 * DAY)
    assert truth_of(tea, longer, facts_at(tea, longer.cut, Settings())).cold_customers == 0, "bob returned his"


def test_truth_keeps_whom_a_mask_names(tea: Purchases) -> None:
    window = Window(5 * DAY, 10 * DAY)
    truth = truth_of(tea, window, facts_at(tea, window.cut, Settings()))
    assert truth.among(np.array([False, True])).product.tolist() == []
    assert truth.among(np.array([True, False])).product.tolist() == [0, 1]


def test_a_sample_of_a_truth_is_some_of_its_customers_whole() -> None:
    window = Window(generated().end - 28 * DAY, generated().end)
    truth = truth_of(generated(), window, facts_at(generated(), window.cut, Settings()))
    some = truth.sample(20, seed=1)
    assert len(set(some.customers)) == 20
    for row, customer in enumerate(some.customers):
        whole = int(np.flatnonzero(truth.customers == customer)[0])
        np.testing.assert_array_equal(some.product[some.of(row)], truth.product[truth.of(whole)])
    assert truth.sample(None, seed=1) is truth.sample(len(truth.customers), seed=1) is truth


def test_customers_of_a_truth_without_labels_bought_nothing() -> None:
    window = Window(generated().end - 28 * DAY, generated().end)
    truth = truth_of(generated(), window, facts_at(generated(), window.cut, Settings()))
    bare = truth.unlabelled(truth.customers[3:6])
    np.testing.assert_array_equal(bare.person, truth.person[3:6])
    assert [len(bare.product[bare.of(row)]) for row in range(3)] == [0, 0, 0]
