import numpy as np
import pytest

from hotshelf_trainer.diagnosis.intervals import RESAMPLES, between, difference, drawn, score
from hotshelf_trainer.diagnosis.metrics import METRICS, metric_of
from hotshelf_trainer.diagnosis.sample import Sample
from hotshelf_trainer.errors import DataError

MAE = metric_of("regression", "mae")


def grouped(seed: int, groups: int, size: int = 5) -> Sample:
    """Errors that are mostly the group's: mean absolute error 1, as |N(0, pi / 2)| has."""
    rng = np.random.default_rng(seed)
    error = np.repeat(rng.exponential(1.0, groups), size)
    return Sample(np.zeros(groups * size), error, np.repeat(np.arange(groups), size))


def test_intervals_cover_as_often_as_they_say_although_rows_of_a_group_are_alike() -> None:
    found = [score(MAE, grouped(seed, 120), 400, seed) for seed in range(250)]
    assert 0.90 <= np.mean([one.low <= 1 <= one.high for one in found]) <= 0.985
    assert 0.90 <= np.mean([one.least <= 1 for one in found]) <= 0.99
    assert 0.88 <= np.mean([one.most >= 1 for one in found]) <= 0.99


def test_drawing_rows_instead_of_groups_would_be_too_sure() -> None:
    sample = grouped(0, 100)
    rows = Sample(sample.truth, sample.predictions, np.arange(len(sample)))
    by_group, by_row = score(MAE, sample), score(MAE, rows)
    assert by_group.high - by_group.low > 1.7 * (by_row.high - by_row.low)


@pytest.mark.parametrize("metric", [*METRICS["binary"]], ids=lambda metric: metric.name)
def test_a_resample_scores_as_its_rows_written_out(metric: object) -> None:
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(10), 3)
    sample = Sample(rng.integers(0, 2, 30), np.round(rng.random(30), 1), groups, weights=rng.random(30) + 0.5)
    metric = metric_of("binary", metric.name)  # type: ignore[attr-defined]  # parametrize hides its type
    times = rng.integers(0, 3, 10).astype(float)
    rows = np.repeat(np.arange(30), times[groups].astype(int))
    written = sample.among(rows)
    expected = metric(written.truth, written.predictions, written.weights)
    assert metric.prepare(sample, groups)(times[None])[0] == pytest.approx(expected)


def test_the_difference_is_paired() -> None:
    sample = grouped(0, 100)
    worse = sample.predictions + 0.01
    found = difference(MAE, sample, worse)
    assert found.value == pytest.approx(-0.01)
    assert found.excludes_zero
    assert found.high - found.low < 1e-9
    single = score(MAE, sample)
    assert single.high - single.low > 0.1


def test_a_difference_from_itself_is_none() -> None:
    sample = grouped(0, 20)
    assert not difference(MAE, sample, sample.predictions).excludes_zero


def test_resamples_of_one_class_are_left_out_and_counted() -> None:
    sample = Sample(np.array([1, 0, 0, 0]), np.array([0.9, 0.1, 0.2, 0.95]), np.arange(4))
    found = score(metric_of("binary", "roc_auc"), sample)
    # The one row of class 1 is missed with probability (3/4)^4 = 0.32, and drawn alone with 1/256.
    assert 0.25 < found.undefined / RESAMPLES < 0.40
    assert found.undefined + found.resamples == RESAMPLES
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_equal_seeds_draw_the_same_groups_equally_however_many_rows_they_have() -> None:
    """Ten times the rows are drawn in smaller chunks, and large samples fewer times."""
    sample = grouped(0, 6_000, 1)
    often = sample.among(np.tile(np.arange(6_000), 10))
    found = between(drawn(MAE, [often]), drawn(MAE, [sample]), 0)
    assert found.low == pytest.approx(0.0, abs=1e-9)
    assert found.high == pytest.approx(0.0, abs=1e-9)
    large = sample.among(np.tile(np.arange(6_000), 50))
    assert drawn(MAE, [large]).resampled.shape == (333, 1)
    assert between(drawn(MAE, [large]), drawn(MAE, [sample]), 0).resamples == 333


def test_one_group_says_nothing_of_chance() -> None:
    found = score(MAE, grouped(0, 1))
    assert np.isnan(found.low)
    assert found.resamples == 0
    assert found.value > 0


def test_many_rows_are_drawn_in_chunks_and_equal_seeds_give_equal_intervals() -> None:
    sample = grouped(0, 3_000, 2)
    assert score(MAE, sample, 700, 5) == score(MAE, sample, 700, 5)
    assert score(MAE, sample, 700, 5) != score(MAE, sample, 700, 6)
    assert drawn(MAE, [sample], 700).resampled.shape == (700, 1)


def test_numbers_of_groups_may_have_gaps() -> None:
    sample = grouped(0, 50)
    spread = Sample(sample.truth, sample.predictions, sample.groups * 1_000_003)
    assert score(MAE, sample) == score(MAE, spread)


def test_models_judged_on_other_rows_are_not_compared() -> None:
    with pytest.raises(DataError, match="same rows"):
        drawn(MAE, [grouped(0, 5), grouped(0, 6)])
