import numpy as np
import pytest

from hotshelf_trainer.diagnosis.capacity import CapacityCurve, capacity_curve, judged
from hotshelf_trainer.diagnosis.crossing import Crossed, Fold, crossed
from hotshelf_trainer.diagnosis.intervals import drawn_means
from hotshelf_trainer.diagnosis.metrics import metric_of
from hotshelf_trainer.diagnosis.sample import Doubles, Sample
from hotshelf_trainer.errors import DataError
from tests.unit.trainer.diagnosis.learners import Polynomial, Ranker, ranking, wave

NDCG = metric_of("ranking", "ndcg@10")
RMSE = metric_of("regression", "rmse")


@pytest.fixture(scope="module")
def boosted() -> CapacityCurve:
    features, problem = ranking(queries=1_400, seed=0)
    rows = np.arange(len(problem.truth))
    learner, fold = Ranker(features, problem), Fold(rows[: 800 * 16], rows[800 * 16 :])
    grid = ({"leaves": 4, "trees": 100}, {"leaves": 31, "trees": 100}, {"leaves": 255, "trees": 400})
    return capacity_curve(NDCG, [(point, crossed(learner, problem, [fold], point)) for point in grid])


def test_a_ranker_of_400_trees_with_255_leaves_is_found_overfitted_and_one_of_100_with_31_is_not(
    boosted: CapacityCurve,
) -> None:
    assert boosted.standing(leaves=255, trees=400) == "overfitted"
    assert boosted.standing(leaves=31, trees=100) == "best"
    assert boosted.standing(leaves=4) == "underfitted"


def test_the_gap_is_told_but_the_best_point_may_have_a_large_one(boosted: CapacityCurve) -> None:
    assert boosted.best.gap.low > 0.15
    assert boosted.best.gap.value == pytest.approx(boosted.best.train.value - boosted.best.held_out.value)


def means(
    train: list[float], held_out: list[float], *, noise: float, seed: int = 0, groups: int = 200
) -> CapacityCurve:
    """Of points with these true means; all groups have moods that the points share."""
    rng = np.random.default_rng(seed)
    moods = rng.normal(0, 1, (groups, 1))

    def scores(of: list[float]) -> Doubles:
        return np.array(of) + moods + rng.normal(0, noise, (groups, len(of)))

    parameters = [{"size": place} for place in range(len(train))]
    train_draws, held_out_draws = drawn_means(scores(train), 500), drawn_means(scores(held_out), 500)
    return judged(parameters, train_draws, held_out_draws, name="score", higher_is_better=True)


def test_pairing_shows_what_the_spread_between_groups_would_hide() -> None:
    curve = means([0.1, 0.5, 0.9], [0.1, 0.5, 0.4], noise=0.1)
    assert [point.standing for point in curve.points] == ["underfitted", "best", "overfitted"]
    assert curve.points[2].held_out.high > curve.best.held_out.low


def test_a_lower_score_within_chance_is_level_however_large_the_gap() -> None:
    curve = means([0.1, 5.0], [0.10, 0.099], noise=0.3)
    assert {point.standing for point in curve.points} == {"best", "level"}


def test_among_equal_points_seldom_one_is_found_worse_although_the_luckiest_is_the_yardstick() -> None:
    curves = [means([float(point) for point in range(9)], [0.0] * 9, noise=0.5, seed=seed) for seed in range(120)]
    wrong = np.mean([any(point.standing not in {"best", "level"} for point in curve.points) for curve in curves])
    assert wrong <= 0.10


def test_lower_is_better_for_losses() -> None:
    x, problem = wave(0, groups=40)
    rows = np.arange(120)
    folds = [Fold(rows[problem.groups % 4 != part], rows[problem.groups % 4 == part]) for part in range(4)]
    grid = [{"degree": degree} for degree in (1, 3, 25)]
    learner = Polynomial(x, problem)
    curve = capacity_curve(RMSE, [(point, crossed(learner, problem, folds, point)) for point in grid])
    assert curve.best.parameters == {"degree": 3}
    assert curve.standing(degree=1) == "underfitted"
    assert curve.best.gap.value > 0
    assert curve.points[2].train.value < curve.best.train.value
    assert curve.points[2].behind.value < 0


def test_a_single_point_is_the_best() -> None:
    assert means([1.0], [0.5], noise=0.1).points[0].standing == "best"


def test_one_group_condemns_nobody() -> None:
    curve = means([0.1, 0.9], [0.5, 0.1], noise=0.0, groups=1)
    assert curve.points[1].standing == "level"


def test_a_metric_without_a_value_cannot_judge() -> None:
    sample = Sample(np.zeros(4), np.full(4, 0.5), np.arange(4))
    with pytest.raises(DataError, match="roc_auc isn't defined"):
        capacity_curve(metric_of("binary", "roc_auc"), [({}, Crossed(sample, sample))])
    with pytest.raises(DataError, match="no point"):
        capacity_curve(RMSE, [])


def test_asking_for_a_point_that_is_not_there_says_so() -> None:
    with pytest.raises(KeyError, match="no point"):
        means([1.0], [0.5], noise=0.1).standing(size=7)
