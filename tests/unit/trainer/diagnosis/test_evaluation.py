import json

import numpy as np
import pytest

from hotshelf_trainer.diagnosis.evaluation import evaluated
from hotshelf_trainer.diagnosis.metrics import METRICS
from hotshelf_trainer.diagnosis.plain import plain
from hotshelf_trainer.diagnosis.sample import Sample


def sample(error: float, seed: int = 0, first: int = 0) -> Sample:
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=90)
    return Sample(truth, truth + rng.normal(0, error, 90), first + np.repeat(np.arange(30), 3))


def test_every_metric_is_told_on_every_part_with_the_gap_above_zero_where_train_is_better() -> None:
    lines = evaluated(
        METRICS["regression"], {"train": sample(0.1), "held_out": sample(0.5), "test": sample(0.5, 1, 50)}
    )
    assert [line.metric for line in lines] == ["rmse", "mae", "r2", "mape"]
    for line in lines:
        assert set(line.parts) == {"train", "held_out", "test"}
        assert line.gap is not None
        assert line.gap.value > 0
        if line.metric != "mape":
            assert line.gap.low > 0


def test_the_gap_is_paired_where_the_groups_are_the_same() -> None:
    """The same errors on other groups are as good, but nobody knows that of the same draws."""
    paired = evaluated(METRICS["regression"][:1], {"train": sample(0.5), "held_out": sample(0.5)})[0].gap
    apart = evaluated(METRICS["regression"][:1], {"train": sample(0.5), "held_out": sample(0.5, first=50)})[0].gap
    assert paired is not None
    assert apart is not None
    assert paired.low == paired.high == 0
    assert apart.high - apart.low > 0.05


def test_without_held_out_rows_there_is_no_gap() -> None:
    assert evaluated(METRICS["regression"], {"test": sample(0.5)})[0].gap is None


def test_findings_become_json_in_which_undefined_is_null() -> None:
    one_group = Sample(np.zeros(2), np.ones(2), np.zeros(2, dtype=int))
    text = json.dumps(plain(evaluated(METRICS["regression"], {"test": one_group})), allow_nan=False)
    rmse = json.loads(text)[0]["parts"]["test"]
    assert rmse["value"] == 1.0
    assert rmse["low"] is None


def test_arrays_numbers_and_text_are_plain() -> None:
    assert plain({"a": np.arange(2), "b": (np.float64(1.5), "x", None, True)}) == {
        "a": [0, 1],
        "b": [1.5, "x", None, True],
    }
    with pytest.raises(TypeError, match="set has no place"):
        plain({1})
