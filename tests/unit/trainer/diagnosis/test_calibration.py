import numpy as np
import pytest

from hotshelf_trainer.diagnosis.advice import on_calibration
from hotshelf_trainer.diagnosis.calibration import calibration
from hotshelf_trainer.diagnosis.sample import Doubles, Sample


def told(shift: float, rows: int = 4_000) -> Sample:
    """Probabilities that are too high by ``shift`` in the middle."""
    rng = np.random.default_rng(0)
    truth: Doubles = rng.uniform(0.1, 0.8, rows)
    return Sample((rng.random(rows) < truth).astype(int), truth + shift, np.arange(rows) // 2)


def test_probabilities_that_hold_are_found_to() -> None:
    found = calibration(told(0.0))
    assert len(found.bins) == 10
    assert sum(one.rows for one in found.bins) == 4_000
    assert not found.excess.excludes_zero
    assert found.error.value < 0.03
    assert "hold" in on_calibration(found).finding


def test_probabilities_that_are_too_high_by_a_tenth_are_found_so() -> None:
    found = calibration(told(0.1))
    assert found.error.value == pytest.approx(0.1, abs=0.02)
    assert found.excess.low > 0.07
    assert all(one.predicted > one.observed for one in found.bins)
    advice = on_calibration(found)
    assert "too high" in advice.finding
    assert advice.action


def test_equal_predictions_share_a_bin() -> None:
    found = calibration(Sample(np.tile([0, 1], 50), np.full(100, 0.5), np.arange(100)))
    assert [(one.rows, one.predicted, one.observed) for one in found.bins] == [(100, 0.5, 0.5)]


def test_of_more_classes_the_confidence_in_the_most_probable_is_judged() -> None:
    table = np.tile([0.8, 0.1, 0.1], (100, 1))
    truth = np.where(np.arange(100) < 60, 0, 1)
    found = calibration(Sample(truth, table, np.arange(100)))
    assert found.excess.value == pytest.approx(0.2)
    assert found.error.value == pytest.approx(0.2)
