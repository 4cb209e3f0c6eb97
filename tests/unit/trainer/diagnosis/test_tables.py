"""Confusion, residuals and segments."""

import numpy as np
import pytest

from hotshelf_trainer.diagnosis.confusion import confusion
from hotshelf_trainer.diagnosis.metrics import METRICS
from hotshelf_trainer.diagnosis.residuals import residuals
from hotshelf_trainer.diagnosis.sample import Sample
from hotshelf_trainer.diagnosis.segments import OTHERS, segments
from hotshelf_trainer.errors import DataError


def test_the_confusion_counts_weights_and_names_the_worst_pair() -> None:
    truth, said = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 1, 1])
    found = confusion(Sample(truth, np.eye(3)[said], np.arange(5), weights=np.array([1, 3, 1, 1, 2.0])), "abc")
    assert found.matrix == ((1, 3, 0), (0, 2, 0), (0, 2, 0))
    assert found.worst == (("c", "b", 1.0), ("a", "b", 0.75))
    assert (found.lines[1].precision, found.lines[1].recall) == (2 / 7, 1)
    assert found.lines[2].f1 == 0


def test_names_must_be_as_many_as_the_classes() -> None:
    with pytest.raises(DataError, match="3 names of classes; expected 2"):
        confusion(Sample(np.array([0, 1]), np.array([0.1, 0.9]), np.arange(2)), "abc")


def test_residuals_show_where_the_prediction_is_off_and_which_rows_are_worst() -> None:
    rng = np.random.default_rng(0)
    said = rng.uniform(0, 10, 1_000)
    truth = said + np.where(said > 9, 2.0, 0.0) + rng.normal(0, 0.3, 1_000)
    truth[17] = 1_000.0
    found = residuals(Sample(truth, said, np.arange(1_000)))
    assert len(found.tenths) == 10
    assert found.tenths[-1].mean.low > 1.5
    assert abs(found.tenths[0].mean.value) < 0.2
    assert found.worst[0] == 17
    assert dict(found.quantiles)[0.5] == pytest.approx(0.0, abs=0.1)


def test_segments_are_judged_by_themselves_and_small_ones_said_to_be() -> None:
    names = np.array(["many"] * 80 + ["few"] * 4)
    error = np.where(names == "few", 3.0, 1.0)
    found = segments(METRICS["regression"][:2], Sample(np.zeros(84), error, np.arange(84)), names)
    assert [(one.name, one.rows, one.small) for one in found] == [("many", 80, False), ("few", 4, True)]
    assert [one.scores["mae"].value for one in found] == [1.0, 3.0]


def test_segments_beyond_the_largest_are_judged_together() -> None:
    names = np.array(["a"] * 5 + ["b"] * 3 + ["c"] * 2 + ["d"])
    sample = Sample(np.zeros(11), np.ones(11), np.arange(11))
    found = segments(METRICS["regression"][:1], sample, names, largest=2)
    assert [(one.name, one.rows) for one in found] == [("a", 5), ("b", 3), (OTHERS, 3)]
    with pytest.raises(DataError, match="expected 11"):
        segments(METRICS["regression"][:1], sample, names[:3])
