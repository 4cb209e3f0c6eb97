from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from hotshelf_trainer.diagnosis.metrics import METRICS, metric_of, pinball
from hotshelf_trainer.errors import DataError

Array = npt.NDArray[Any]


def drawn(seed: int, classes: int, rows: int) -> tuple[Array, Array, Array]:
    """Truth, probabilities with ties, and weights, some of them 0 as in a resample."""
    rng = np.random.default_rng(seed)
    table = np.round(rng.dirichlet(np.ones(classes), rows), 1) + 0.01
    return (
        rng.integers(0, classes, rows),
        table / table.sum(axis=1, keepdims=True),
        rng.poisson(1.0, rows).astype(float),
    )


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(8, 60))
def test_binary_metrics_are_those_of_scikit_learn(seed: int, rows: int) -> None:
    truth, table, weights = drawn(seed, 2, rows)
    share = table[:, 1]
    assume(len(np.unique(truth[weights > 0])) == 2)
    said = table.argmax(axis=1)
    expected = {
        "log_loss": sk.log_loss(truth, table, sample_weight=weights),
        "roc_auc": sk.roc_auc_score(truth, share, sample_weight=weights),
        "average_precision": sk.average_precision_score(truth, share, sample_weight=weights),
        "brier": sk.brier_score_loss(truth, share, sample_weight=weights),
        "accuracy": sk.accuracy_score(truth, said, sample_weight=weights),
        "f1": sk.f1_score(truth, said, sample_weight=weights),
    }
    assert {one.name: one(truth, share, weights) for one in METRICS["binary"]} == pytest.approx(expected)
    assert {one.name: one(truth, table, weights) for one in METRICS["binary"]} == pytest.approx(expected)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(20, 60))
def test_multiclass_metrics_are_those_of_scikit_learn(seed: int, rows: int) -> None:
    truth, table, weights = drawn(seed, 3, rows)
    assume(len(np.unique(truth[weights > 0])) == 3)
    said, kept = table.argmax(axis=1), weights > 0
    ones = [sk.roc_auc_score(truth == one, table[:, one], sample_weight=weights) for one in range(3)]
    expected = {
        "log_loss": sk.log_loss(truth, table, sample_weight=weights),
        "accuracy": sk.accuracy_score(truth, said, sample_weight=weights),
        "macro_f1": sk.f1_score(truth[kept], said[kept], sample_weight=weights[kept], average="macro"),
        "roc_auc_ovr": np.mean(ones),
    }
    assert {one.name: one(truth, table, weights) for one in METRICS["multiclass"]} == pytest.approx(expected)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(5, 60), st.sampled_from([0.0, 1e6]))
def test_regression_metrics_are_those_of_scikit_learn(seed: int, rows: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    truth = level + rng.normal(3, 1, rows)
    predictions, weights = truth + rng.normal(0, 0.5, rows), rng.poisson(1.0, rows).astype(float)
    assume(np.count_nonzero(weights) > 2)
    expected = {
        "rmse": sk.root_mean_squared_error(truth, predictions, sample_weight=weights),
        "mae": sk.mean_absolute_error(truth, predictions, sample_weight=weights),
        "r2": sk.r2_score(truth, predictions, sample_weight=weights),
        "mape": sk.mean_absolute_percentage_error(truth, predictions, sample_weight=weights),
    }
    found = {one.name: one(truth, predictions, weights) for one in METRICS["regression"]}
    assert found == pytest.approx(expected, rel=1e-6)
    loss = sk.mean_pinball_loss(truth, predictions, sample_weight=weights, alpha=0.9)
    assert pinball(0.9)(truth, predictions, weights) == pytest.approx(loss)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(2, 25))
def test_ranking_metrics_are_the_mean_over_queries_of_the_textbooks(seed: int, queries: int, length: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, (queries, length)) * (rng.random((queries, length)) < 0.5)
    truth[:, 0] = 1
    scores = rng.permuted(np.tile(np.arange(length) / length, (queries, 1)), axis=1)
    shuffled = rng.permutation(queries * length)
    query = np.repeat(np.arange(queries), length)[shuffled]

    ordered = np.take_along_axis(truth, np.argsort(-scores, axis=1), axis=1) > 0
    precision = ordered.cumsum(axis=1) / np.arange(1, length + 1)
    top = (ordered * precision)[:, :10].sum(axis=1) / np.minimum(ordered.sum(axis=1), 10)
    expected = {
        "ndcg@10": sk.ndcg_score(2.0**truth - 1, scores, k=10),
        "map@10": top.mean(),
        "mrr": (1 / (ordered.argmax(axis=1) + 1)).mean(),
    }
    rows = truth.ravel()[shuffled], scores.ravel()[shuffled]
    assert {one.name: one(*rows, query=query) for one in METRICS["ranking"]} == pytest.approx(expected)


def test_a_query_with_nothing_to_find_counts_for_nothing() -> None:
    truth, scores = np.array([1, 0, 0, 0]), np.array([0.9, 0.1, 0.5, 0.4])
    for metric in METRICS["ranking"]:
        assert metric(truth, scores, query=np.array([7, 7, 9, 9])) == 1.0


def test_the_order_of_the_file_gives_equal_scores_nothing() -> None:
    truth, query = np.tile([1, 0, 0, 0], 2_000), np.repeat(np.arange(2_000), 4)
    reciprocal = metric_of("ranking", "mrr")(truth, np.zeros(8_000), query=query)
    assert reciprocal == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4, abs=0.03)


def test_metrics_that_lack_what_they_need_are_undefined() -> None:
    ones = np.ones(4)
    assert np.isnan(metric_of("binary", "roc_auc")(ones, np.linspace(0, 1, 4)))
    assert np.isnan(metric_of("binary", "average_precision")(0 * ones, np.linspace(0, 1, 4)))
    assert np.isnan(metric_of("binary", "f1")(0 * ones, np.zeros(4)))
    assert np.isnan(metric_of("multiclass", "roc_auc_ovr")(np.array([0, 1]), np.eye(3)[:2]))
    assert np.isnan(metric_of("regression", "r2")(ones, np.linspace(0, 1, 4)))
    assert np.isnan(metric_of("regression", "mape")(0 * ones, ones))
    assert np.isnan(metric_of("ranking", "ndcg@10")(0 * ones, ones, query=ones))


@pytest.mark.parametrize(
    ("task", "name", "truth", "predictions", "match"),
    [
        ("binary", "log_loss", [0, 1], [0.5, 1.5], "expected probabilities"),
        ("binary", "log_loss", [0, 2], [0.5, 0.5], "expected classes 0 to 1"),
        ("binary", "log_loss", [0, 1], [0.5, np.nan], "1 predictions are NaN"),
        ("binary", "brier", [0, 1], np.eye(3)[:2], "3 classes"),
        ("regression", "rmse", [0.0, 1.0], np.eye(2), "one number for each row"),
        ("regression", "rmse", [0.0, 1.0], [1.0], "1 rows; expected 2"),
        ("regression", "rmse", [], [], "no row"),
        ("ranking", "mrr", [0, 1], [0.5, 0.5], "expected the query"),
    ],
)
def test_what_cannot_be_judged_is_refused(task: Any, name: str, truth: Any, predictions: Any, match: str) -> None:
    with pytest.raises(DataError, match=match):
        metric_of(task, name)(np.array(truth), np.array(predictions))


def test_an_unknown_metric_is_answered_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="expected one of rmse, mae, r2, mape"):
        metric_of("regression", "auc")


def test_better_is_above_zero_whichever_way_the_metric_runs() -> None:
    assert metric_of("regression", "rmse").better(-1.0) == metric_of("regression", "r2").better(1.0) == 1.0
