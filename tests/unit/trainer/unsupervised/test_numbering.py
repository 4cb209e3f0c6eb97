"""Numbers change, and nothing else; rows keep the numbers that they are known by."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotshelf_trainer.unsupervised.numbering import Labels, by_size, matched, numbered
from tests.unit.trainer.unsupervised.tables import subject_of

CLUSTERS = st.lists(st.integers(0, 4), min_size=1, max_size=40)


@settings(max_examples=50, deadline=None)
@given(own=CLUSTERS, known=CLUSTERS, count=st.integers(5, 8))
def test_every_cluster_gets_one_number(own: list[int], known: list[int], count: int) -> None:
    rows = min(len(own), len(known))
    order = matched(np.array(own[:rows]), np.array(known[:rows]), count)
    assert sorted(order) == list(range(count))
    assert sorted(by_size(np.array(own), count)) == list(range(count))


@settings(max_examples=50, deadline=None)
@given(known=CLUSTERS, shift=st.permutations(range(5)))
def test_the_same_clusters_by_other_numbers_get_the_known_ones_again(known: list[int], shift: list[int]) -> None:
    own: Labels = np.array(shift)[np.array(known)]
    order = matched(own, np.array(known), 5)
    assert np.array_equal(np.argsort(order)[own], known)


def test_fewer_clusters_than_known_ones_are_numbered_from_0() -> None:
    order = matched(np.array([0, 0, 1, 1, 1]), np.array([4, 4, 1, 1, 1]), 2)
    assert order.tolist() == [0, 1]


@pytest.mark.parametrize("name", ["KMeans", "MiniBatchKMeans", "GaussianMixture"])
@pytest.mark.parametrize("tied", [False, True])
def test_only_the_numbers_change(tmp_path: Path, name: str, *, tied: bool) -> None:
    parameters = {"covariance_type": "tied"} if tied and name == "GaussianMixture" else {}
    subject, _ = subject_of(tmp_path, "clustering", estimator={"name": name, "parameters": parameters})
    frame = subject.rows.frame
    fitted = subject.learner.fit(frame, 3)
    method = fitted.pipeline.predict_proba if name == "GaussianMixture" else fitted.pipeline.transform
    before, table = fitted.labels(frame), method(frame)
    wanted = (before + 1) % 3
    numbered(fitted, frame, wanted)
    assert np.array_equal(fitted.labels(frame), wanted)
    assert np.allclose(method(frame), np.roll(table, 1, axis=1))


def test_without_known_numbers_the_largest_cluster_is_0(tmp_path: Path) -> None:
    subject, _ = subject_of(tmp_path, "clustering")
    fitted = numbered(subject.learner.fit(subject.rows.frame, 3), subject.rows.frame, None)
    sizes = np.bincount(fitted.labels(subject.rows.frame))
    assert list(sizes) == sorted(sizes, reverse=True)
