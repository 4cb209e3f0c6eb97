import numpy as np

from hotshelf_trainer.diagnosis.advice import on_capacity, on_data, on_squared_loss, on_zero_one_loss
from hotshelf_trainer.diagnosis.capacity import CapacityCurve, judged
from hotshelf_trainer.diagnosis.crossing import Fold
from hotshelf_trainer.diagnosis.curves import learning_curve
from hotshelf_trainer.diagnosis.decomposition import squared_loss, zero_one_loss
from hotshelf_trainer.diagnosis.intervals import drawn_means
from hotshelf_trainer.diagnosis.metrics import metric_of
from tests.unit.trainer.diagnosis.learners import Polynomial, wave


def curve() -> CapacityCurve:
    noise = np.random.default_rng(0).normal(0, 0.05, (50, 3))
    train, held_out = np.array([0.2, 0.5, 0.9]) + noise, np.array([0.2, 0.5, 0.4]) + noise[::-1] / 2
    leaves = [{"leaves": 2}, {"leaves": 31}, {"leaves": 255}]
    return judged(leaves, drawn_means(train), drawn_means(held_out), name="ndcg@10", higher_is_better=True)


def test_an_overfitted_setting_is_told_what_to_take_instead() -> None:
    found = on_capacity(curve(), curve().points[2])
    assert "leaves 255 overfits" in found.finding
    assert found.action.startswith("Take leaves 31")


def test_an_underfitted_setting_is_told_to_take_more() -> None:
    found = on_capacity(curve(), curve().points[0])
    assert "leaves 2 underfits" in found.finding
    assert "more capacity" in found.action


def test_the_best_setting_needs_nothing_and_is_told_which_others_overfit() -> None:
    found = on_capacity(curve(), curve().best)
    assert "leaves 31 does not overfit" in found.finding
    assert "leaves 255 overfit." in found.finding
    assert found.action == ""


def test_more_data_is_advised_where_the_curve_still_rises_and_features_where_it_does_not() -> None:
    x, problem = wave(0, groups=200)
    rows = np.arange(len(x))
    folds = [Fold(rows[problem.groups < 100], rows[problem.groups >= 100])]
    rmse = metric_of("regression", "rmse")

    def advice(degree: int) -> str:
        found = learning_curve(
            Polynomial(x, problem), problem, folds, {"degree": degree}, metric=rmse, shares=(0.25, 1.0)
        )
        return on_data(found).finding

    assert advice(12).startswith("More data helps")
    assert advice(0).startswith("More data of this kind would hardly help")


def test_what_limits_the_model_is_named() -> None:
    rng = np.random.default_rng(0)
    truth = np.zeros(50)
    spread = squared_loss(truth, rng.normal(0, 1, (20, 50)), np.arange(50))
    shifted = squared_loss(truth, 1 + rng.normal(0, 0.1, (20, 50)), np.arange(50), truth)
    assert on_squared_loss(spread).action.startswith("Variance limits it")
    assert on_squared_loss(shifted).action.startswith("Bias or noise limits it")
    departing = np.repeat(np.arange(20)[:, None] < 9, 50, axis=1).astype(int)
    assert on_zero_one_loss(zero_one_loss(np.zeros(50), departing, np.arange(50))).action.startswith("Variance")
    wrong = np.ones((20, 50), dtype=int)
    assert on_zero_one_loss(zero_one_loss(np.zeros(50), wrong, np.arange(50))).action.startswith("Bias")
