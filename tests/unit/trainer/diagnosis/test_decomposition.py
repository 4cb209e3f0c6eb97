import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_trainer.diagnosis.crossing import Problem
from hotshelf_trainer.diagnosis.decomposition import resampled_predictions, squared_loss, zero_one_loss
from hotshelf_trainer.errors import DataError
from tests.unit.trainer.diagnosis.learners import Mean, Polynomial, wave


@given(st.integers(0, 1_000), st.integers(20, 40))
def test_the_parts_of_the_squared_loss_add_up_exactly(seed: int, models: int) -> None:
    rng = np.random.default_rng(seed)
    truth, predictions = rng.normal(size=9), rng.normal(size=(models, 9))
    found = squared_loss(truth, predictions, np.arange(9))
    assert found.bias_and_noise.value + found.variance.value == pytest.approx(found.loss.value)


def test_bias_noise_and_variance_are_those_that_were_put_in() -> None:
    rng = np.random.default_rng(0)
    expected = rng.normal(size=40_000)
    truth = expected + rng.normal(0, 0.5, 40_000)
    predictions = expected + 0.3 + rng.normal(0, 0.8, (20, 40_000))
    found = squared_loss(truth, predictions, np.arange(40_000), expected)
    assert found.bias is not None
    assert found.noise is not None
    # Without the correction the bias would be too high by 0.64 / 20 = 0.032, a third of it.
    assert found.bias.value == pytest.approx(0.3**2, abs=0.01)
    assert found.noise.value == pytest.approx(0.5**2, abs=0.015)
    assert found.variance.value == pytest.approx(0.8**2, abs=0.01)
    assert found.bias_and_noise.low < 0.3**2 + 0.5**2 < found.bias_and_noise.high


def test_the_variance_of_a_mean_is_that_of_the_closed_form() -> None:
    rng = np.random.default_rng(0)
    problem = Problem(rng.normal(0, 2, 400), np.arange(400))
    rows = np.arange(400)
    found = resampled_predictions(Mean(problem), problem, rows, rows[:5], {}, models=400)
    assert found.shape == (400, 5)
    assert found[:, 0].var(ddof=1) == pytest.approx(problem.truth.var() / 400, rel=0.25)


def test_groups_are_drawn_and_not_rows() -> None:
    """Twenty equal rows a group: drawing rows would make the variance twenty times smaller."""
    levels = np.random.default_rng(0).normal(size=30)
    problem = Problem(np.repeat(levels, 20), np.repeat(np.arange(30), 20))
    found = resampled_predictions(Mean(problem), problem, np.arange(600), np.arange(1), {}, models=300)
    assert found.var(ddof=1) == pytest.approx(levels.var() / 30, rel=0.3)


def test_a_stiff_model_is_limited_by_bias_and_a_flexible_one_by_variance() -> None:
    x, problem = wave(0, groups=60)
    rows = np.arange(len(x))
    train, judged = rows[problem.groups < 30], rows[problem.groups >= 30]

    def parts(degree: int) -> tuple[float, float]:
        predictions = resampled_predictions(Polynomial(x, problem), problem, train, judged, {"degree": degree})
        found = squared_loss(problem.truth[judged], predictions, problem.groups[judged], np.sin(3 * x[judged]))
        assert found.bias is not None
        return found.bias.value, found.variance.value

    stiff, flexible = parts(1), parts(15)
    assert stiff[0] > 4 * stiff[1]
    assert flexible[1] > flexible[0]


@given(st.integers(0, 1_000), st.integers(2, 4))
def test_the_parts_of_the_zero_one_loss_add_up_exactly(seed: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    truth, predictions = rng.integers(0, classes, 12), rng.integers(0, classes, (21, 12))
    found = zero_one_loss(truth, predictions, np.arange(12))
    total = found.bias.value + found.costly_variance.value - found.helpful_variance.value
    assert total == pytest.approx(found.loss.value)


def test_departing_costs_where_the_main_prediction_is_right_and_helps_where_it_is_wrong() -> None:
    """Domingos' two cases, a quarter of the models departing: loss V where unbiased, 1 - V where biased."""
    predictions = np.zeros((20, 2), dtype=np.int64)
    predictions[:5] = 1
    found = zero_one_loss(np.array([0, 1]), predictions, np.arange(2))
    assert found.bias.value == 0.5
    assert found.costly_variance.value == 0.125
    assert found.helpful_variance.value == 0.125
    assert found.loss.value == pytest.approx((0.25 + 0.75) / 2)


def test_departing_to_another_wrong_class_helps_nobody() -> None:
    predictions = np.zeros((20, 1), dtype=np.int64)
    predictions[:5] = 1
    found = zero_one_loss(np.array([2]), predictions, np.arange(1))
    assert found.helpful_variance.value == 0
    assert found.loss.value == found.bias.value == 1


def test_too_few_models_are_refused() -> None:
    problem = Problem(np.arange(4.0), np.arange(4))
    with pytest.raises(DataError, match="expected 20 or more"):
        resampled_predictions(Mean(problem), problem, np.arange(4), np.arange(4), {}, models=5)
    with pytest.raises(DataError, match="expected \\[models, n\\]"):
        squared_loss(np.zeros(3), np.zeros((5, 3)), np.arange(3))
