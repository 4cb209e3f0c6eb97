"""The scorer answers as LightGBM's own package does, to the bit, and refuses what is no model."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import lightgbm
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hotshelf_server.models.warm_process import ONE_THREAD
from hotshelf_server.runtimes.booster import Booster, BoosterError

OBJECTIVES = ("regression", "binary", "multiclass", "poisson", "lambdarank")
HOSTILE = st.floats(width=32) | st.sampled_from([float("nan"), float("inf"), -float("inf"), 0.0, -0.0])


@cache
def trained(objective: str) -> lightgbm.Booster:
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(300, 4))
    rows[rng.random(rows.shape) < 0.1] = np.nan
    labels = rng.integers(0, 3 if objective == "multiclass" else 2, 300)
    parameters = {"objective": objective, "verbose": -1, "num_threads": 1, "min_data_in_leaf": 3}
    if objective == "multiclass":
        parameters["num_class"] = 3
    data = lightgbm.Dataset(rows, labels, group=[30] * 10 if objective == "lambdarank" else None)
    return lightgbm.train(parameters, data, 5)


@pytest.mark.parametrize("objective", OBJECTIVES)
@given(rows=hnp.arrays(np.float64, st.tuples(st.integers(1, 5), st.just(4)), elements=HOSTILE))
def test_scores_are_the_package_s_to_the_bit(objective: str, rows: np.ndarray) -> None:
    reference = trained(objective)
    ours = Booster(reference.model_to_string())
    for raw in (False, True):
        for dtype in ("f4", "f8"):
            expected = np.asarray(reference.predict(rows.astype(dtype), raw_score=raw, num_threads=1))
            found = ours.predict(rows.astype(dtype), raw=raw)
            assert (found.shape, found.tobytes()) == (expected.shape, expected.tobytes())


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_prepared_row_is_the_same_also_from_several_threads(objective: str) -> None:
    ours = Booster(trained(objective).model_to_string())
    rows = np.random.default_rng(0).normal(size=(40, 4)).astype("f4")
    rows[::7, 1] = np.nan
    for raw in (False, True):
        expected = ours.predict(rows, raw=raw).reshape(len(rows), -1)
        prepared = ours.prepared(rows.dtype, raw=raw)
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda place, score=prepared: score(rows[place : place + 1]), range(len(rows))))
        assert np.concatenate(found).tobytes() == expected.tobytes()


def test_a_prepared_row_outlives_who_made_it() -> None:
    rows = np.random.default_rng(0).normal(size=(1, 4))
    prepared = Booster(trained("binary").model_to_string()).prepared(rows.dtype)
    expected = Booster(trained("binary").model_to_string()).predict(rows)
    assert prepared(rows).tobytes() == expected.tobytes()


@pytest.mark.parametrize("objective", OBJECTIVES)
@given(rows=hnp.arrays(np.float64, st.tuples(st.integers(1, 5), st.just(4)), elements=HOSTILE))
def test_leaves_and_contributions_are_the_package_s_to_the_bit(objective: str, rows: np.ndarray) -> None:
    reference = trained(objective)
    ours = Booster(reference.model_to_string())
    for dtype in ("f4", "f8"):
        given_rows = rows.astype(dtype)
        leaves = np.asarray(reference.predict(given_rows, pred_leaf=True, num_threads=1))
        parts = np.asarray(reference.predict(given_rows, pred_contrib=True, num_threads=1))
        for found, expected in ((ours.leaves(given_rows), leaves), (ours.contributions(given_rows), parts)):
            assert (found.dtype, found.shape, found.tobytes()) == (expected.dtype, expected.shape, expected.tobytes())


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_contributions_of_a_row_sum_to_its_raw_score(objective: str) -> None:
    ours = Booster(trained(objective).model_to_string())
    rows = np.random.default_rng(0).normal(size=(20, 4))
    parts = ours.contributions(rows).reshape(20, ours.outputs, 5)
    np.testing.assert_allclose(parts.sum(axis=2), ours.predict(rows, raw=True).reshape(20, ours.outputs))


def test_importance_is_the_package_s() -> None:
    reference = trained("binary")
    expected = reference.feature_importance("gain")
    np.testing.assert_array_equal(Booster(reference.model_to_string()).gain(), expected)


def test_rows_in_any_layout_mean_the_same() -> None:
    ours = Booster(trained("binary").model_to_string())
    rows = np.random.default_rng(0).normal(size=(6, 4))
    expected = ours.predict(rows)
    np.testing.assert_array_equal(ours.predict(np.asfortranarray(rows)), expected)
    np.testing.assert_array_equal(ours.predict(np.repeat(rows, 2, axis=0)[::2]), expected)


def test_no_rows_get_no_scores() -> None:
    assert Booster(trained("binary").model_to_string()).predict(np.empty((0, 4))).shape == (0,)
    multiclass = Booster(trained("multiclass").model_to_string())
    assert multiclass.predict(np.empty((0, 4))).shape == (0, 3)
    assert multiclass.leaves(np.empty((0, 4))).shape == (0, 15)
    assert multiclass.contributions(np.empty((0, 4))).shape == (0, 15)


@pytest.mark.parametrize("rows", [np.zeros((2, 3)), np.zeros(4), np.zeros((2, 4), dtype="i4"), np.zeros((1, 2, 4))])
def test_rows_of_another_shape_are_refused(rows: np.ndarray) -> None:
    with pytest.raises(BoosterError, match=r"expected float32 or float64 \[-1, 4\]"):
        Booster(trained("binary").model_to_string()).predict(rows)


@pytest.mark.parametrize("text", ["", "tree", "not a tree", "tree\nversion=v4\nend of trees\n", "tree\nend of trees"])
def test_a_text_that_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(BoosterError):
        Booster(text)


@pytest.mark.parametrize(
    ("objective", "old", "new"),
    [
        ("regression", "\nnum_class=1\n", "\nnum_class=9\n"),
        ("regression", "\nobjective=regression\n", "\nobjective=multiclass num_class:9\n"),
        ("regression", "\nobjective=regression\n", "\nobjective=multiclassova num_class:9 sigmoid:1\n"),
        ("multiclass", "\nobjective=multiclass num_class:3\n", "\nobjective=multiclass num_class:4\n"),
        ("multiclass", "\nobjective=multiclass num_class:3\n", "\nobjective=multiclass num_class:x\n"),
        ("multiclass", "\nnum_tree_per_iteration=3\n", "\nnum_tree_per_iteration=2\n"),
    ],
)
def test_a_text_that_would_have_more_scores_written_than_there_is_room_for_is_refused(
    objective: str, old: str, new: str
) -> None:
    text = trained(objective).model_to_string()
    assert old in text
    with pytest.raises(BoosterError, match=r"the text says \[.*\] classes, expected"):
        Booster(text.replace(old, new))


def test_a_text_of_iterations_that_are_not_whole_is_refused() -> None:
    text = trained("multiclass").model_to_string()
    text = re.sub(r"\ntree_sizes=.*", "", text)
    place = text.rindex("\nTree=")
    with pytest.raises(BoosterError, match="14 trees, expected a multiple of 3"):
        Booster(text[:place] + text[text.index("\nend of trees") :])


def test_several_threads_may_score_at_once() -> None:
    ours = Booster(trained("binary").model_to_string())
    rows = np.random.default_rng(0).normal(size=(500, 4))
    expected = ours.predict(rows)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ours.predict, [rows] * 200))
    assert {scores.tobytes() for scores in found} == {expected.tobytes()}


def test_what_lightgbm_says_while_it_loads_is_not_said_on_standard_output() -> None:
    # It warns of this number: a trial's standard output is for the trial's own words.
    text = re.sub(r"^tree_sizes=.*\n", "", trained("regression").model_to_string(), flags=re.MULTILINE)
    text = re.sub(r"^leaf_value=\S+", "leaf_value=1e400", text, flags=re.MULTILINE)
    program = "import sys; from hotshelf_server.runtimes.booster import Booster; Booster(sys.stdin.read())"
    child = subprocess.run(
        [sys.executable, "-c", "import logging; logging.basicConfig(level='DEBUG'); " + program],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **ONE_THREAD},  # as a trial's is
    )
    assert child.returncode == 0
    assert child.stdout == ""
    assert "underflow or overflow: 1e400" in child.stderr


def test_what_lightgbm_itself_refuses_is_refused_in_its_words() -> None:
    with pytest.raises(BoosterError, match="Unknown objective type name: pinball"):
        Booster(trained("regression").model_to_string().replace("\nobjective=regression", "\nobjective=pinball"))
