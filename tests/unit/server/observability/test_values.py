"""What is seen of inputs and outputs at a scrape."""

import numpy as np
import polars as pl

from hotshelf_server.core.types import VersionId
from hotshelf_server.observability.values import MAX_OUTPUTS, Values
from hotshelf_trainer.diagnosis.drift import profile_of

ONE = VersionId("shop", 1)
PROFILE = profile_of(pl.DataFrame({"size": np.linspace(0, 1, 1_000)}))


def test_every_finite_number_of_an_output_is_counted_once() -> None:
    values = Values()
    values.offer(ONE, {}, {"p": np.array([[0.25, 0.75], [np.nan, np.inf]]), "label": np.array([b"a", b"b"], object)})
    for _ in range(2):
        seen = values.look({}, 0.0)[ONE]
    assert set(seen.outputs) == {"p"}
    assert (sum(seen.outputs["p"].counts), seen.outputs["p"].sum) == (2, 1.0)


def test_a_signaling_nan_is_no_number_and_no_warning() -> None:
    values, signaling = Values(), np.array([0x7F800001], np.uint32).view(np.float32)
    values.offer(ONE, {"size": signaling}, {"p": signaling})
    assert sum(values.look({ONE: PROFILE}, 0.0)[ONE].outputs["p"].counts) == 0


def test_drift_is_told_of_versions_that_keep_a_profile() -> None:
    values, other = Values(), VersionId("plain", 1)
    for version in (ONE, other):
        for _ in range(20):
            values.offer(version, {"size": np.full(16, 0.95)}, {})
    seen = values.look({ONE: PROFILE, other: None}, 0.0)
    assert seen[ONE].drift["size"] > 1.0
    assert (seen[ONE].drift_rows, seen[other].drift_rows, dict(seen[other].drift)) == (320, 0, {})


def test_outputs_beyond_the_bound_are_left_out() -> None:
    values = Values()
    values.offer(ONE, {}, {f"o{number}": np.zeros(1) for number in range(MAX_OUTPUTS + 5)})
    assert len(values.look({}, 0.0)[ONE].outputs) == MAX_OUTPUTS


def test_a_snapshot_stays_as_it_was() -> None:
    values = Values()
    values.offer(ONE, {}, {"p": np.zeros(1)})
    before = values.look({}, 0.0)
    values.offer(ONE, {}, {"p": np.zeros(1)})
    values.look({}, 0.0)
    assert sum(before[ONE].outputs["p"].counts) == 1


def test_versions_that_are_not_kept_are_forgotten() -> None:
    values = Values()
    values.offer(ONE, {}, {"p": np.zeros(1)})
    values.look({}, 0.0)
    values.keep([])
    assert (values.versions(), values.look({}, 0.0)) == (set(), {})


def test_rows_of_a_version_that_has_gone_are_given_up_at_once_and_its_counts_stay() -> None:
    values, other = Values(), VersionId("shop", 2)
    values.offer(ONE, {}, {"p": np.zeros(1)})
    values.look({}, 0.0)
    for version in (ONE, other):
        values.offer(version, {}, {"p": np.zeros(1)})
    values.forget_waiting([])
    assert values.versions() == {ONE}
    assert sum(values.look({}, 0.0)[ONE].outputs["p"].counts) == 1
