"""An estimator gets its parameters from one place, and says what it can't take."""

from pathlib import Path
from typing import Any

import pytest

from hotshelf_trainer.errors import RecipeError
from tests.unit.trainer.unsupervised.tables import subject_of


@pytest.mark.parametrize(
    ("task", "estimator", "words"),
    [
        ("clustering", {"name": "KMeans", "parameters": {"n_clusters": 3}}, r"n_clusters: .*leave it out"),
        ("clustering", {"name": "KMeans", "parameters": {"depth": 3}}, r"KMeans refuses them: .*depth"),
        ("anomaly", {"name": "LocalOutlierFactor", "parameters": {"novelty": False}}, r"novelty: .*leave it out"),
        ("anomaly", {"name": "IsolationForest", "parameters": {"max_samples": -1}}, "IsolationForest refuses what"),
        ("decomposition", {"name": "PCA", "parameters": {"n_components": 2}}, r"n_components: .*leave it out"),
    ],
)
def test_parameters_that_cannot_be_are_named(tmp_path: Path, task: str, estimator: dict[str, Any], words: str) -> None:
    subject, _ = subject_of(tmp_path, task, estimator=estimator)
    with pytest.raises(RecipeError, match=words):
        subject.learner.fit(subject.frame(subject.learning), None if task == "anomaly" else 2)


def test_what_an_estimator_says_of_its_fit_is_kept(tmp_path: Path) -> None:
    hasty = {"name": "NMF", "parameters": {"max_iter": 1}}
    subject, _ = subject_of(tmp_path, "decomposition", estimator=hasty, preprocessing={"scale": "minmax"})
    fitted = subject.learner.fit(subject.frame(subject.learning), 2)
    assert any("Maximum number of iterations 1 reached" in note for note in fitted.notes)


def test_the_seed_decides_what_is_learned(tmp_path: Path) -> None:
    hasty = {"name": "KMeans", "parameters": {"n_init": 1, "init": "random", "max_iter": 1}}
    found = []
    for seed in (0, 0, 1):
        subject, _ = subject_of(tmp_path, "clustering", estimator=hasty, seed=seed)
        frame = subject.rows.frame
        found.append(subject.learner.fit(frame, 6).learned.inertia_)
    assert found[0] == found[1] != found[2]
