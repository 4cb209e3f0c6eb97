"""A compiled estimator gives scikit-learn's own bits, or leaves the rows to it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNet, LinearRegression, LogisticRegression, Ridge, RidgeClassifier, SGDRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler
from sklearn.svm import LinearSVC

from hotshelf_server.runtimes.compiled import compile_estimator

FEATURES = 6
METHODS = ("predict", "predict_proba", "decision_function", "transform")
SOURCE = np.random.default_rng(0)
ROWS = SOURCE.normal(size=(120, FEATURES)) * np.logspace(-1, 1, FEATURES)
TWO, THREE = (SOURCE.integers(0, classes, 120) for classes in (2, 3))
NUMBERS = SOURCE.normal(size=120)
HOLES = np.where(SOURCE.random(ROWS.shape) < 0.2, np.nan, ROWS)

ESTIMATORS: Sequence[tuple[Any, Any]] = (
    (LogisticRegression(), TWO),
    (LogisticRegression(fit_intercept=False), THREE),
    (LogisticRegression(), np.array(["no", "yes"])[TWO]),
    (make_pipeline(StandardScaler(), LogisticRegression()), TWO),
    (make_pipeline(StandardScaler(with_mean=False), LogisticRegression()), THREE),
    (make_pipeline(StandardScaler(with_std=False), "passthrough", RidgeClassifier()), THREE),
    (make_pipeline(MinMaxScaler(), LinearRegression()), NUMBERS),
    (make_pipeline(make_pipeline(MaxAbsScaler()), LinearSVC()), TWO),
    (make_pipeline(RobustScaler(), PCA(3), Ridge()), NUMBERS),
    (make_pipeline(RobustScaler(with_centering=False), PCA(2, whiten=True), ElasticNet()), NUMBERS),
    (make_pipeline(StandardScaler(), SGDRegressor()), NUMBERS),
    (make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression()), TWO),
    (Ridge(), np.stack([NUMBERS, -NUMBERS], axis=1)),
    (make_pipeline(StandardScaler(), MinMaxScaler()), None),
    (FunctionTransformer(), None),
)


def name_of(case: Any) -> str:
    return str(case).replace("\n", "")[:60]


@pytest.mark.parametrize(("estimator", "target"), ESTIMATORS, ids=name_of)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_answers_are_the_estimator_s_to_the_last_bit(estimator: Any, target: Any, dtype: str) -> None:
    estimator.fit(ROWS, target)
    methods = [method for method in METHODS if hasattr(estimator, method)]
    compiled = compile_estimator(estimator, methods)
    labels = isinstance(target, np.ndarray) and target.dtype.kind == "U"
    assert sorted(compiled) == sorted(methods)
    for size in (1, 3, 120):
        rows = ROWS[:size].astype(dtype)
        before = rows.tobytes()
        for method in methods:
            found, expected = compiled[method](rows), getattr(estimator, method)(rows)
            assert found is not None
            assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
            assert found.tobytes() == expected.tobytes()
            assert not labels or found.dtype.kind in "Uf"
        assert rows.tobytes() == before, "the rows are the caller's"


SCALED = make_pipeline(StandardScaler(), LogisticRegression()).fit(ROWS, TWO)


@settings(max_examples=200, deadline=None)
@given(hnp.arrays(st.sampled_from(["f4", "f8"]), st.tuples(st.integers(1, 9), st.just(FEATURES))))
def test_hostile_rows_are_answered_alike_or_left_to_the_estimator(rows: Any) -> None:
    compiled = compile_estimator(SCALED, ["predict_proba"])["predict_proba"]
    with np.errstate(all="ignore"):
        found = compiled(rows)
        if found is not None:
            assert found.tobytes() == SCALED.predict_proba(rows).tobytes()
        else:
            scaler = SCALED[0]
            assert not np.isfinite(((rows - scaler.mean_) / scaler.scale_).astype(rows.dtype).sum())


def test_missing_values_are_filled_as_the_imputer_fills_them() -> None:
    estimator = make_pipeline(SimpleImputer(strategy="median"), RobustScaler(), LogisticRegression()).fit(HOLES, TWO)
    found = compile_estimator(estimator, ["predict_proba"])["predict_proba"](HOLES)
    assert found is not None
    assert found.tobytes() == estimator.predict_proba(HOLES).tobytes()


@pytest.mark.parametrize(
    "rows",
    [HOLES, ROWS[:0], ROWS[:, :3], ROWS.astype(int), ROWS.tolist(), np.full((1, FEATURES), np.inf)],
    ids=["missing", "none", "too few columns", "integers", "lists", "infinite"],
)
def test_other_rows_are_left_to_the_estimator(rows: Any) -> None:
    assert compile_estimator(SCALED, ["predict"])["predict"](rows) is None


class Other(StandardScaler):  # type: ignore[misc]  # scikit-learn has no types
    """Does what it likes."""


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(Other(), LogisticRegression()),
        make_pipeline(StandardScaler(), MinMaxScaler(clip=True), LogisticRegression()),
        make_pipeline(SimpleImputer(add_indicator=True), LogisticRegression()),
    ],
    ids=["subclass", "clipping", "indicator"],
)
def test_what_is_not_known_is_not_compiled(estimator: Any) -> None:
    assert (
        compile_estimator(estimator.fit(HOLES if "simple" in str(estimator).lower() else ROWS, TWO), METHODS[:2]) == {}
    )


def test_a_program_that_answers_otherwise_is_not_used() -> None:
    estimator = make_pipeline(StandardScaler(), LogisticRegression()).fit(ROWS, TWO)
    estimator.predict_proba = lambda rows: SCALED.predict_proba(rows) * (1 + 1e-15)
    assert set(compile_estimator(estimator, ["predict", "predict_proba"])) == {"predict"}


def test_an_estimator_of_another_make_costs_nothing_but_speed() -> None:
    estimator = StandardScaler().fit(ROWS)
    del estimator.mean_
    assert compile_estimator(estimator, ["transform"]) == {}


@pytest.mark.parametrize(
    ("estimator", "method", "by_row"),
    [
        (make_pipeline(SimpleImputer(), StandardScaler(), MinMaxScaler()), "transform", True),
        (FunctionTransformer(), "transform", True),
        (make_pipeline(StandardScaler(), PCA(2)), "transform", False),
        (make_pipeline(StandardScaler(), Ridge()), "predict", False),
    ],
    ids=name_of,
)
def test_rows_may_be_computed_in_any_company_where_no_sum_runs_over_columns(
    estimator: Any, method: str, *, by_row: bool
) -> None:
    program = compile_estimator(estimator.fit(ROWS, NUMBERS), [method])[method]
    assert program.row_by_row is by_row


def test_a_function_of_its_own_is_not_compiled() -> None:
    assert not compile_estimator(FunctionTransformer(np.log1p).fit(ROWS), ["transform"])
