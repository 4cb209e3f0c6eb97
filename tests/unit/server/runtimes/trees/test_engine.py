"""The engine's answers are LightGBM's to the last bit, for every kind of model, instruction set and row."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotshelf_server.runtimes.booster import Booster
from hotshelf_server.runtimes.trees import Instructions, Trees, Unsupported, compile_trees
from hotshelf_server.runtimes.trees.engine import QUICK, STEPS
from hotshelf_server.runtimes.trees.library import available, open_library
from hotshelf_server.runtimes.trees.proof import hostile_rows
from tests.fakes.boosters import CATEGORIES, FEATURES, KINDS, model_text, with_mixed_ways, without_sizes

SIZES = st.sampled_from([1, 2, 5, 6, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65, 71, 129, 200])
"""Of batches: around the sizes at which the engine changes its way."""


@cache
def reference(kind: str, seed: int = 0) -> Booster:
    return Booster(model_text(kind, seed))


@pytest.fixture(params=list(Instructions), ids=lambda one: one.name)
def instructions(request: pytest.FixtureRequest) -> Instructions:
    if request.param not in available(open_library()):
        pytest.skip(f"this machine has no {request.param.name}")
    return Instructions(request.param)


def assert_equal(ours: Trees, theirs: Booster, rows: np.ndarray) -> None:
    for found, expected in (
        (ours.raw_scores(rows), theirs.predict(rows, raw=True)),
        (ours.predictions(rows), theirs.predict(rows)),
        (ours.leaf_index(rows), theirs.leaves(rows)),
    ):
        assert (found.dtype, found.tobytes()) == (expected.dtype, expected.tobytes())


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_rows_get_lightgbm_s_answers(kind: str, instructions: Instructions) -> None:
    ours = compile_trees(model_text(kind), instructions)
    rows = hostile_rows(ours.columns, FEATURES, 3000)
    assert_equal(ours, reference(kind), rows)
    with np.errstate(over="ignore"):
        assert_equal(ours, reference(kind), rows.astype(np.float32))


@settings(max_examples=120)
@given(kind=st.sampled_from(list(KINDS)), seed=st.integers(0, 7), size=SIZES, data=st.data())
def test_any_rows_get_lightgbm_s_answers(kind: str, seed: int, size: int, data: st.DataObject) -> None:
    instructions = data.draw(st.sampled_from(available(open_library())))
    ours = compile_trees(model_text(kind, seed), instructions)
    rng = np.random.default_rng(data.draw(st.integers(0, 1 << 32)))
    pool = hostile_rows(ours.columns, FEATURES, 2000)
    rows = np.where(
        rng.random((size, FEATURES)) < 0.5, pool[rng.integers(0, 2000, size)], rng.normal(size=(size, FEATURES))
    )
    rows[:, -1] = np.where(rng.random(size) < 0.5, rng.integers(-2, CATEGORIES + 40, size), rows[:, -1])
    assert_equal(ours, reference(kind, seed), np.ascontiguousarray(rows))


@settings(max_examples=30)
@given(kind=st.sampled_from(["binary", "multiclass", "categories", "300 leaves"]), seed=st.integers(0, 1 << 32))
def test_nodes_may_treat_missing_values_each_in_its_own_way(kind: str, seed: int) -> None:
    text = with_mixed_ways(model_text(kind), np.random.default_rng(seed))
    ours = compile_trees(text)
    assert_equal(ours, Booster(text), hostile_rows(ours.columns, FEATURES, 500))


@pytest.mark.parametrize("kind", KINDS)
def test_sums_that_were_computed_elsewhere_are_converted_alike(kind: str) -> None:
    ours = compile_trees(model_text(kind))
    rows = hostile_rows(ours.columns, FEATURES, 300)
    for count in (0, 1, 300):
        found, expected = ours.converted(ours.raw_scores(rows[:count])), ours.predictions(rows[:count])
        assert (found.dtype, found.shape, found.tobytes()) == (expected.dtype, expected.shape, expected.tobytes())


@pytest.mark.parametrize("sums", [np.zeros(3), np.zeros((3, 2)), np.zeros((3, 1), "f4"), np.zeros((6, 1))[::2]])
def test_other_sums_are_refused(sums: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"expected float64 \[-1, 1\] in C order"):
        compile_trees(model_text("regression")).converted(sums)


@pytest.mark.parametrize("size", [0, 1, 6, 7, 16, 33, 65])
def test_a_row_s_answer_does_not_depend_on_its_batch(size: int, instructions: Instructions) -> None:
    ours = compile_trees(model_text("multiclass"), instructions)
    rows = hostile_rows(ours.columns, FEATURES, 200)
    assert ours.raw_scores(rows[:size]).tobytes() == ours.raw_scores(rows)[:size].tobytes()


def test_several_threads_may_score_at_once() -> None:
    ours = compile_trees(model_text("75 trees"))
    rows = hostile_rows(ours.columns, FEATURES, 300)
    expected = ours.raw_scores(rows)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ours.raw_scores, [rows] * 200))
    assert {scores.tobytes() for scores in found} == {expected.tobytes()}


@pytest.mark.parametrize(
    "rows",
    [
        np.zeros((2, FEATURES - 1)),
        np.zeros(FEATURES),
        np.zeros((2, FEATURES), dtype="i8"),
        np.asfortranarray(np.zeros((2, FEATURES))),
        np.zeros((2, FEATURES), dtype=">f8"),
    ],
)
def test_other_rows_are_refused(rows: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"expected float32 or float64 \[-1, 5\] in C order"):
        compile_trees(model_text("regression")).raw_scores(rows)


def test_the_kinds_of_models_are_what_they_are_called() -> None:
    def inner(kind: str) -> int:
        return int(max(compile_trees(model_text(kind)).layout.trees["inner"]))

    def ways(kind: str) -> set[str]:
        return {str(way) for way in compile_trees(model_text(kind)).columns.groups[["nan_to", "zero_to"]].tolist()}

    assert compile_trees(model_text("categories")).columns.categories.size == 1
    assert max(compile_trees(model_text("300 thresholds")).columns.groups["columns"]) > 1
    assert 64 < inner("100 leaves") < 256 < inner("300 leaves")
    assert inner("one leaf") == 0
    assert {"(nan, 0.0)", "(-inf, 0.0)"} <= ways("regression")
    assert {"(nan, nan)", "(-inf, -inf)"} <= ways("zero as missing")
    assert ways("nothing is missing") == {"(0.0, 0.0)"}
    assert np.isposinf(compile_trees(model_text("regression")).columns.thresholds).any()


def test_an_instruction_set_that_the_machine_lacks_is_refused() -> None:
    missing = set(Instructions) - set(available(open_library()))
    for one in missing:
        with pytest.raises(Unsupported, match="this machine has no"):
            compile_trees(model_text("regression"), one)
    assert Instructions.PLAIN not in missing


def chain(depth: int) -> bytes:
    """The text of one tree, each of whose nodes has a leaf on its left."""
    children = [*range(1, depth), -depth - 1]
    pairs: dict[str, list[int]] = {
        "num_leaves": [depth + 1], "num_cat": [0], "split_feature": [0] * depth, "threshold": list(range(depth)),
        "decision_type": [2] * depth, "left_child": [-node - 1 for node in range(depth)], "right_child": children,
        "leaf_value": list(range(depth + 1)),
    }  # fmt: skip
    tree = "\n".join(f"{key}={' '.join(map(str, values))}" for key, values in pairs.items())
    head = without_sizes(model_text("regression")).split(b"\nTree=")[0]
    return head + f"\nTree=0\n{tree}\nend of trees\n".encode()


@pytest.mark.parametrize("depth", [1, 300, 5000])
def test_the_interpreter_s_lock_is_kept_for_few_steps_only(depth: int) -> None:
    ours = compile_trees(chain(depth))
    assert ours.raw_scores(np.full((1, FEATURES), 1e9)).tolist() == [[depth]]
    assert ours._quick_rows * depth <= QUICK * STEPS
    assert ours._quick_rows > 0
