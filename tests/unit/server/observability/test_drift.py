"""How far inputs have moved from what a version learned from."""

import numpy as np
import polars as pl
import pytest

from hotshelf_server.core.types import Array
from hotshelf_server.observability.drift import LEAST_ROWS, SLOT_SECONDS, SLOTS, InputDrift
from hotshelf_trainer.diagnosis.drift import drift, profile_of

RANDOM = np.random.default_rng(7)


def rows(count: int, shift: float = 0.0) -> pl.DataFrame:
    size = RANDOM.normal(shift, 1.0, count)
    size[::10] = np.nan
    return pl.DataFrame(
        {
            "size": size,
            "kind": RANDOM.choice(["a", "b", "ü"], count),
            "flag": RANDOM.random(count) < 0.3,
        }
    )


def sent(frame: pl.DataFrame) -> dict[str, Array]:
    """As callers send it."""
    kinds = [name.encode() for name in frame["kind"]]
    return {
        "size": frame["size"].to_numpy().astype(np.float32),
        "kind": np.array(kinds, object).reshape(-1, 1),
        "flag": frame["flag"].to_numpy(),
    }


def seen(frame: pl.DataFrame, profile_rows: int = 5_000) -> InputDrift:
    found = InputDrift(profile_of(rows(profile_rows)))
    found.add([sent(frame)], 0.0)
    return found


def test_the_index_is_the_one_that_a_training_finds_on_the_same_rows() -> None:
    profile, now = profile_of(rows(5_000)), rows(1_000, shift=0.7)
    found = InputDrift(profile)
    for part in range(0, 1_000, 16):
        found.add([sent(now[part : part + 16])], 0.0)
    # FP32 may move a value over the edge of its bin.
    assert found.indices() == pytest.approx({one.column: one.psi for one in drift(profile, now)}, abs=0.01)
    assert found.rows == 1_000


def test_the_same_law_stays_low_and_a_moved_one_is_far_above_the_custom_limit() -> None:
    assert max(seen(rows(3_000)).indices().values()) < 0.1
    assert seen(rows(3_000, shift=2.0)).indices()["size"] > 1.0


def test_a_feature_that_callers_leave_out_and_categories_that_nobody_knew_are_drift() -> None:
    inputs = sent(rows(1_000))
    del inputs["size"]
    inputs["kind"] = np.full((1_000, 1), b"new", object)
    found = InputDrift(profile_of(rows(5_000)))
    found.add([inputs], 0.0)
    assert min(found.indices()["size"], found.indices()["kind"]) > 1.0


def test_too_few_rows_tell_nothing() -> None:
    found = seen(rows(LEAST_ROWS - 1))
    assert (found.indices(), found.rows) == ({}, LEAST_ROWS - 1)


def test_inputs_without_a_single_known_feature_count_for_nothing() -> None:
    found = InputDrift(profile_of(rows(5_000)))
    found.add([{"input": np.zeros((1_000, 3))}], 0.0)
    assert (found.indices(), found.rows) == ({}, 0)


def test_text_for_a_number_counts_as_never_seen() -> None:
    found = InputDrift(profile_of(rows(5_000)))
    found.add([{"size": np.full(300, b"x", object)}], 0.0)
    assert found.indices()["size"] > 1.0


def test_rows_are_forgotten_after_an_hour() -> None:
    found = seen(rows(1_000, shift=2.0))
    found.add([sent(rows(300))], SLOT_SECONDS * (SLOTS - 1))
    assert found.rows == 1_300
    found.add([], SLOT_SECONDS * SLOTS)
    assert found.rows == 300
    found.add([], SLOT_SECONDS * SLOTS * 100)
    assert found.rows == 0
