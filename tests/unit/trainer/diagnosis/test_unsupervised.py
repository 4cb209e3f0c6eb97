"""Clusters and anomalies."""

import numpy as np
import pytest
from sklearn.cluster import KMeans

from hotshelf_trainer.diagnosis.anomaly import anomalies
from hotshelf_trainer.diagnosis.clustering import Labels, cluster_curve
from hotshelf_trainer.diagnosis.sample import Doubles, Indices
from hotshelf_trainer.errors import DataError


def blobs(centres: int, rows: int = 240) -> Doubles:
    rng = np.random.default_rng(0)
    angle = 2 * np.pi * (np.arange(rows) % centres) / centres
    return np.asarray(
        np.column_stack([np.cos(angle), np.sin(angle)]) * 5 * (centres > 1) + rng.normal(0, 0.5, (rows, 2))
    )


def kmeans(features: Doubles, rows: Indices, clusters: int, seed: int) -> Labels:
    model = KMeans(clusters, n_init=3, random_state=seed).fit(features[rows])
    return np.asarray(model.predict(features))


def test_as_many_clusters_are_chosen_as_there_are() -> None:
    features = blobs(4)
    curve = cluster_curve(lambda *asked: kmeans(features, *asked), features, range(2, 7), bootstraps=6)
    assert curve.chosen == 4
    assert "best silhouette" in curve.reason
    chosen = curve.points[2]
    assert chosen.stability == pytest.approx(1.0)
    assert chosen.sizes == (60, 60, 60, 60)
    assert chosen.davies_bouldin == min(point.davies_bouldin for point in curve.points)


def test_where_there_are_no_clusters_none_is_called_stable() -> None:
    features = np.random.default_rng(1).uniform(size=(200, 6))
    curve = cluster_curve(lambda *asked: kmeans(features, *asked), features, (4, 6), bootstraps=6)
    assert "no number of clusters is stable" in curve.reason


@pytest.mark.parametrize("counts", [(), (1, 2), (240,)])
def test_numbers_of_clusters_that_cannot_be_are_refused(counts: tuple[int, ...]) -> None:
    features = blobs(2)
    with pytest.raises(DataError, match="expected from 2 to 239"):
        cluster_curve(lambda *asked: kmeans(features, *asked), features, counts)


def test_one_cluster_in_fact_has_no_silhouette() -> None:
    features = blobs(2)
    curve = cluster_curve(lambda *asked: np.zeros(240, dtype=int), features, (2,), bootstraps=2)
    assert np.isnan(curve.points[0].silhouette)


def scores(rows: int = 500, seed: int = 0) -> Doubles:
    return np.asarray(np.random.default_rng(seed).normal(size=rows))


def test_models_that_score_alike_agree_on_the_order_and_on_what_is_flagged() -> None:
    held_out = scores(seed=1)
    found = anomalies(scores(), held_out, 1.6, [held_out * 2 + 1, held_out + 0.001 * scores(seed=2)])
    assert found.held_out.flagged == (held_out > 1.6).sum()
    assert sum(found.train.counts) == sum(found.held_out.counts) == 500
    assert found.rank_correlation > 0.99
    assert found.overlap > 0.9


def test_models_that_score_at_random_do_not() -> None:
    found = anomalies(scores(), scores(seed=1), 1.6, [scores(seed=seed) for seed in range(2, 8)])
    assert abs(found.rank_correlation) < 0.1
    assert found.overlap < 0.2


def test_equal_scores_flag_nobody_and_have_no_order() -> None:
    found = anomalies(np.ones(100), np.ones(50), 1.0, [np.ones(50)])
    assert found.held_out.share == 0
    assert np.isnan(found.overlap)
    assert np.isnan(found.rank_correlation)


def test_scores_that_cannot_be_judged_are_refused() -> None:
    with pytest.raises(DataError, match="9 anomaly scores are NaN"):
        anomalies(np.full(9, np.nan), np.ones(9), 0.5, [np.ones(9)])
    with pytest.raises(DataError, match="no row to score"):
        anomalies(np.ones(9), np.ones(0), 0.5, [np.ones(0)])
    with pytest.raises(DataError, match="expected at least one"):
        anomalies(np.ones(9), np.ones(9), 0.5, [])
