"""scikit-learn's trees on the tree engine: its own bits, or its own answers."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier
from threadpoolctl import threadpool_limits

from hotshelf_server.runtimes.compiled import compile_estimator
from hotshelf_server.runtimes.trees import Unsupported
from hotshelf_server.runtimes.trees.library import open_library

FEATURES = 4
METHODS = ("predict", "predict_proba", "decision_function")
SOURCE = np.random.default_rng(0)
ROWS = np.round(SOURCE.normal(size=(400, FEATURES)), 1)
"""Of few values, so that thresholds are hit, 0 among them."""
HOLES = np.where(SOURCE.random(ROWS.shape) < 0.1, np.nan, ROWS)
NUMBERS = ROWS[:, 0] * ROWS[:, 1] + SOURCE.normal(size=400)
TWO, THREE = (np.floor(classes * SOURCE.random(400)).astype(int) for classes in (2, 3))
TEXTS = np.array(["no", "perhaps", "yes"])[THREE]

ESTIMATORS: Sequence[tuple[Any, Any]] = (
    (GradientBoostingRegressor(n_estimators=20, random_state=0), NUMBERS),
    (GradientBoostingRegressor(n_estimators=5, init="zero", loss="huber", random_state=0), NUMBERS),
    (GradientBoostingClassifier(n_estimators=20, random_state=0), TWO),
    (GradientBoostingClassifier(n_estimators=7, loss="exponential", random_state=0), TWO),
    (GradientBoostingClassifier(n_estimators=30, random_state=0), TEXTS),
    (HistGradientBoostingRegressor(max_iter=20), NUMBERS),
    (HistGradientBoostingRegressor(max_iter=5, loss="poisson"), np.abs(NUMBERS)),
    (HistGradientBoostingClassifier(max_iter=20), TWO),
    (HistGradientBoostingClassifier(max_iter=8), TEXTS),
    (HistGradientBoostingClassifier(max_iter=3), np.arange(400) % 11),
    (RandomForestRegressor(15, random_state=0), NUMBERS),
    (RandomForestClassifier(15, random_state=0), TWO),
    (RandomForestClassifier(70, max_leaf_nodes=20, random_state=0), TEXTS),
    (ExtraTreesRegressor(10, random_state=0), NUMBERS),
    (ExtraTreesClassifier(10, random_state=0), THREE),
    (DecisionTreeRegressor(random_state=0), NUMBERS),
    (DecisionTreeClassifier(random_state=0), TEXTS),
    (ExtraTreeClassifier(random_state=0), TWO),
    (make_pipeline(StandardScaler(), GradientBoostingClassifier(n_estimators=9, random_state=0)), TWO),
    (make_pipeline(SimpleImputer(), StandardScaler(), RandomForestClassifier(9, random_state=0)), THREE),
    (make_pipeline(StandardScaler(), HistGradientBoostingClassifier(max_iter=9)), THREE),
)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    try:
        open_library()
    except Unsupported as reason:
        pytest.skip(str(reason))
    with threadpool_limits(1):  # threads of OpenMP that wait for busy processors take seconds
        yield


def name_of(case: Any) -> str:
    return str(case).replace("\n", "")[:60] if hasattr(case, "fit") else ""


def same(found: Any, expected: Any) -> bool:
    return (found.dtype, found.shape, found.tobytes()) == (expected.dtype, expected.shape, expected.tobytes())


@pytest.mark.parametrize(("estimator", "target"), ESTIMATORS, ids=name_of)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_answers_are_the_estimator_s_to_the_last_bit(estimator: Any, target: Any, dtype: str) -> None:
    estimator.fit(ROWS, target)
    methods = [method for method in METHODS if hasattr(estimator, method)]
    compiled = compile_estimator(estimator, methods)
    assert sorted(compiled) == sorted(methods)
    for size in (1, 5, 33, 400):
        rows = ROWS[:size].astype(dtype)
        for method in methods:
            assert same(compiled[method](rows), getattr(estimator, method)(rows))


SMALL: Sequence[Any] = (
    lambda seed: GradientBoostingClassifier(n_estimators=3, max_depth=4, random_state=seed).fit(ROWS, THREE),
    lambda seed: HistGradientBoostingRegressor(max_iter=3, max_leaf_nodes=5 + seed).fit(HOLES, NUMBERS),
    lambda seed: RandomForestRegressor(5, max_depth=3 + seed, random_state=seed).fit(HOLES, NUMBERS),
    lambda seed: ExtraTreesClassifier(4, max_depth=3, random_state=seed).fit(ROWS, TWO),
)
EDGES = [0.05, -0.05, 0.0, -0.0, 1e-36, -1e-36, 5e-324, 1.5, 3.4028236e38, -1e300, np.nan, np.inf, -np.inf]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(range(len(SMALL))),
    st.integers(0, 3),
    st.sampled_from(["f4", "f8"]).flatmap(
        lambda dtype: hnp.arrays(
            dtype,
            st.tuples(st.integers(1, 20), st.just(FEATURES)),
            elements=st.sampled_from([float(np.dtype(dtype).type(edge)) for edge in np.clip(EDGES, -3e38, 3e38)])
            | st.sampled_from([float(np.dtype(dtype).type(value)) for value in np.unique(ROWS)])
            | (st.sampled_from(EDGES) if dtype == "f8" else st.floats(width=32)),
        )
    ),
)
def test_hostile_rows_are_answered_alike_or_left_to_the_estimator(kind: int, seed: int, rows: Any) -> None:
    estimator = SMALL[kind](seed)
    program = compile_estimator(estimator, ["predict"])["predict"]
    with np.errstate(all="ignore"):
        found = program(rows)
        if found is not None:
            assert same(found, estimator.predict(rows))
        else:
            assert not np.isfinite(rows.astype("f4").sum())


def test_missing_values_are_answered_where_the_estimator_takes_them() -> None:
    for estimator in (RandomForestClassifier(5, random_state=0), HistGradientBoostingClassifier(max_iter=5)):
        estimator.fit(HOLES, TWO)
        found = compile_estimator(estimator, ["predict_proba"])["predict_proba"](HOLES)
        assert same(found, estimator.predict_proba(HOLES))


@pytest.mark.parametrize("hostile", [np.nan, np.inf, 1e39], ids=["missing", "infinite", "beyond float32"])
def test_what_the_estimator_refuses_is_left_to_it(hostile: float) -> None:
    program = compile_estimator(GradientBoostingRegressor(n_estimators=3).fit(ROWS, NUMBERS), ["predict"])["predict"]
    rows = ROWS[:3].copy()
    rows[1, 1] = hostile
    assert program(rows) is None


def test_numbers_near_zero_are_told_apart_as_scikit_learn_tells_them() -> None:
    rows = np.array([[-1.0], [1.0]] * 5)
    estimator = DecisionTreeRegressor().fit(rows, rows[:, 0])
    program = compile_estimator(estimator, ["predict"])["predict"]
    assert estimator.tree_.threshold[0] == 0.0
    found = program(np.array([[1e-36], [-1e-36], [0.0], [-0.0]]))
    assert found is not None
    assert found.tolist() == [1.0, -1.0, -1.0, -1.0]


def test_a_forest_of_several_threads_answers_as_one_thread_would() -> None:
    estimator = RandomForestRegressor(12, random_state=0, n_jobs=2).fit(ROWS, NUMBERS)
    program = compile_estimator(estimator, ["predict"])["predict"]
    assert estimator.n_jobs == 2
    assert same(program(ROWS), estimator.set_params(n_jobs=1).predict(ROWS))


class Other(RandomForestClassifier):  # type: ignore[misc]  # scikit-learn has no types
    """Does what it likes."""


@pytest.mark.parametrize(
    ("estimator", "target"),
    [
        (Other(3), TWO),
        (RandomForestRegressor(3), np.stack([NUMBERS, -NUMBERS], axis=1)),
        (HistGradientBoostingClassifier(max_iter=3, categorical_features=[2]), TWO),
        (GradientBoostingClassifier(n_estimators=3, init=LogisticRegression()), TWO),
    ],
    ids=["subclass", "several outputs", "categories", "an estimator to begin with"],
)
def test_what_is_not_known_is_left_to_the_estimator(estimator: Any, target: Any) -> None:
    rows = np.column_stack([ROWS[:, :2], np.arange(400) % 5, ROWS[:, 3]])
    assert compile_estimator(estimator.fit(rows, target), ["predict"]) == {}


def test_an_ensemble_that_answers_otherwise_than_its_trees_is_not_compiled() -> None:
    estimator = GradientBoostingRegressor(n_estimators=3).fit(ROWS, NUMBERS)
    honest = estimator.predict
    estimator.predict = lambda rows: honest(rows) + 1e-9
    assert compile_estimator(estimator, ["predict"]) == {}


def test_trees_whose_nodes_lie_otherwise_are_not_read() -> None:
    estimator = HistGradientBoostingRegressor(max_iter=3).fit(ROWS, NUMBERS)
    estimator._predictors[0][0].nodes["left"][0] = 0  # a loop
    assert compile_estimator(estimator, ["predict"]) == {}
