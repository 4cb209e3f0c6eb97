"""The capacity curve of a recommender's ranker."""

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from hotshelf_server.runtimes.recommender.state import Floats
from hotshelf_store import open_store
from hotshelf_trainer.progress import Silent
from hotshelf_trainer.recipes import RecommendationRecipe, read
from hotshelf_trainer.recipes.given import Given, with_given
from hotshelf_trainer.recommendation.artifacts import Rows
from hotshelf_trainer.recommendation.capacity import ndcg
from hotshelf_trainer.recommendation.pipeline import train

PURCHASES = "HOTSHELF_TEST_ONLINE_RETAIL"
"""Environment variable: the purchases of UCI Online Retail, as parquet."""
RECIPE = Path(__file__).parents[4] / "trainer" / "recipes" / "online-retail.yaml"


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_ndcg_is_scikit_learns_for_customers_with_a_purchase(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    start = np.concatenate([[0], np.cumsum(sizes)])
    count = int(start[-1])
    label = (rng.random(count) < 0.3).astype(np.int8)
    scores = rng.permutation(count).astype(np.float64)
    no_features: Floats = np.empty((count, 0), dtype=np.float32)
    rows = Rows(start, np.zeros(len(sizes), dtype=np.int64), np.arange(count, dtype=np.int32), no_features, label)
    expected = [
        # scikit-learn wants two candidates at least; one that is bought is in its best place.
        ndcg_score([label[a:b]], [scores[a:b]], k=10) if b - a > 1 else 1.0
        for a, b in pairwise(start)
        if label[a:b].any()
    ]
    np.testing.assert_allclose(ndcg(scores, rows), expected)


def test_on_real_purchases_the_largest_ranker_overfits_and_the_middle_one_does_not(tmp_path: Path) -> None:
    path = os.environ.get(PURCHASES)
    if path is None:
        pytest.skip(f"{PURCHASES} names no file of UCI Online Retail's purchases")
    recipe = with_given(read(RECIPE, ["capacity.customers=null"]), Given(data=Path(path)))
    assert isinstance(recipe, RecommendationRecipe)
    curve = train(recipe, open_store(tmp_path), "shop", Silent()).figures.capacity
    assert curve is not None
    assert curve.standing(num_leaves=255, n_estimators=400) == "overfitted"
    assert curve.standing(num_leaves=31, n_estimators=100) != "overfitted"
