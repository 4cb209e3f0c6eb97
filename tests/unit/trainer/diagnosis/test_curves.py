import numpy as np
import pytest

from hotshelf_trainer.diagnosis.crossing import Fold, Problem
from hotshelf_trainer.diagnosis.curves import learning_curve, validation_curve
from hotshelf_trainer.diagnosis.metrics import metric_of
from hotshelf_trainer.diagnosis.sample import Doubles
from hotshelf_trainer.errors import DataError
from tests.unit.trainer.diagnosis.learners import Mean, Polynomial, wave

RMSE = metric_of("regression", "rmse")


def halves(problem: Problem) -> list[Fold]:
    rows = np.arange(len(problem.truth))
    return [Fold(rows[problem.groups % 2 == part], rows[problem.groups % 2 != part]) for part in (0, 1)]


@pytest.fixture(scope="module")
def waves() -> tuple[Doubles, Problem]:
    return wave(0, groups=200)


def test_a_flexible_model_still_gains_from_data_while_the_train_error_rises(waves: tuple[Doubles, Problem]) -> None:
    x, problem = waves
    shares = (0.25, 0.4, 1.0)
    curve = learning_curve(Polynomial(x, problem), problem, halves(problem), {"degree": 12}, metric=RMSE, shares=shares)
    assert curve.still_rising
    assert curve.last_gain.value > 0
    assert [point.groups for point in curve.points] == [25, 40, 100]
    train = [point.train.value for point in curve.points]
    assert train == sorted(train)


def test_a_model_that_learns_the_same_from_less_has_nothing_to_gain_from_more_data() -> None:
    """Every group has the same mean."""
    problem = Problem(np.tile([-1.0, 0.0, 1.0], 40), np.repeat(np.arange(40), 3))
    curve = learning_curve(Mean(problem), problem, halves(problem), {}, metric=RMSE, shares=(0.5, 1.0))
    assert not curve.still_rising


def test_a_learning_curve_needs_two_shares_up_to_one(waves: tuple[Doubles, Problem]) -> None:
    _, problem = waves
    for shares in ((1.0,), (0.0, 1.0), (0.5, 1.5)):
        with pytest.raises(DataError, match="expected two or more"):
            learning_curve(Mean(problem), problem, halves(problem), {}, metric=RMSE, shares=shares)


def test_a_validation_curve_moves_one_parameter_and_holds_the_rest(waves: tuple[Doubles, Problem]) -> None:
    _, problem = waves
    found = validation_curve(
        Mean(problem), problem, halves(problem), {"other": 1}, metric=RMSE, parameter="offset", values=(-1.0, 0.0, 1.0)
    )
    assert found.parameter == "offset"
    assert found.curve.best.parameters == {"offset": 0.0}
    assert [point.standing for point in found.curve.points] == ["underfitted", "best", "underfitted"]
