"""Transformers as functions of a matrix: the operations of scikit-learn 1.9's ``transform`` on dense, finite rows.

Each may change its argument and gives the rows that come out. None stands for what is not known here.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from hotshelf_server.core.types import Array

Step = Callable[[Array], Array]


def step_of(transformer: Any) -> Step | None:
    """What a fitted transformer does, if it is one of exactly these classes."""
    make = STEPS.get(f"{type(transformer).__module__}.{type(transformer).__qualname__}")
    return make(transformer) if make else None


def fills(transformer: Any) -> bool:
    """Whether NaN may come in, and never comes out."""
    return type(transformer).__qualname__ == "SimpleImputer"


def keeps_columns_apart(transformer: Any) -> bool:
    """Whether each number that comes out is made of one that went in: it is then the same in whatever company."""
    return type(transformer).__qualname__ != "PCA"


def _nothing(fitted: Any) -> Step | None:
    if fitted.func is not None or fitted.validate:
        return None
    return lambda rows: rows


def _standard_scaler(fitted: Any) -> Step:
    means = _by_dtype(fitted.mean_) if fitted.with_mean else None
    scales = _by_dtype(fitted.scale_) if fitted.with_std else None

    def scale(rows: Array) -> Array:
        if means is not None:
            rows -= means[rows.dtype]
        if scales is not None:
            rows /= scales[rows.dtype]
        return rows

    return scale


def _min_max_scaler(fitted: Any) -> Step | None:
    if fitted.clip:
        return None
    factor, least = fitted.scale_, fitted.min_

    def scale(rows: Array) -> Array:
        rows *= factor
        rows += least
        return rows

    return scale


def _max_abs_scaler(fitted: Any) -> Step | None:
    if getattr(fitted, "clip", False):
        return None
    divisor = fitted.scale_

    def scale(rows: Array) -> Array:
        rows /= divisor
        return rows

    return scale


def _robust_scaler(fitted: Any) -> Step:
    centre = fitted.center_ if fitted.with_centering else None
    divisor = fitted.scale_ if fitted.with_scaling else None

    def scale(rows: Array) -> Array:
        if centre is not None:
            rows -= centre
        if divisor is not None:
            rows /= divisor
        return rows

    return scale


def _simple_imputer(fitted: Any) -> Step | None:
    fillings = fitted.statistics_
    if fitted.add_indicator or fillings.dtype.kind != "f" or np.isnan(fillings).any() or fitted.missing_values == 0:
        return None
    if not (isinstance(fitted.missing_values, float) and np.isnan(fitted.missing_values)):
        return None

    def fill(rows: Array) -> Array:
        missing = np.isnan(rows)
        if missing.any():
            np.copyto(rows, fillings, where=missing, casting="same_kind")
        return rows

    return fill


def _pca(fitted: Any) -> Step:
    components = fitted.components_.T
    centre = np.reshape(fitted.mean_, (1, -1)) @ components
    scale = None
    if fitted.whiten:
        scale = np.sqrt(fitted.explained_variance_)
        scale[scale < np.finfo(scale.dtype).eps] = np.finfo(scale.dtype).eps

    def project(rows: Array) -> Array:
        found: Array = rows @ components
        found -= centre
        if scale is not None:
            found /= scale
        return found

    return project


def _by_dtype(values: Array) -> Mapping[np.dtype[Any], Array]:
    return {np.dtype(kind): values.astype(kind) for kind in (np.float32, np.float64)}


STEPS: Mapping[str, Callable[[Any], Step | None]] = {
    "sklearn.decomposition._pca.PCA": _pca,
    "sklearn.impute._base.SimpleImputer": _simple_imputer,
    "sklearn.preprocessing._function_transformer.FunctionTransformer": _nothing,
    "sklearn.preprocessing._data.MaxAbsScaler": _max_abs_scaler,
    "sklearn.preprocessing._data.MinMaxScaler": _min_max_scaler,
    "sklearn.preprocessing._data.RobustScaler": _robust_scaler,
    "sklearn.preprocessing._data.StandardScaler": _standard_scaler,
}
"""By the full name of the class, so that nothing is imported to look."""
