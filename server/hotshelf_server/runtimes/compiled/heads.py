"""Linear models as functions of a matrix: the operations of scikit-learn 1.9 on dense, finite rows."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import expit

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.compiled.head import Head

Methods = Mapping[str, Callable[[Array], Array]]


def heads_of(estimator: Any) -> Mapping[str, Head]:
    """By the name of the method; none for other classes than exactly these."""
    make = HEADS.get(f"{type(estimator).__module__}.{type(estimator).__qualname__}")
    return {name: Head(method) for name, method in make(estimator).items()} if make else {}


def _regressor(fitted: Any) -> Methods:
    coefficients, intercept = _weights(fitted), fitted.intercept_
    return {"predict": lambda rows: rows @ coefficients + intercept}


def _classifier(fitted: Any) -> Methods:
    coefficients, intercept, classes = _weights(fitted), fitted.intercept_, fitted.classes_

    def decide(rows: Array) -> Array:
        scores: Array = rows @ coefficients + intercept
        return scores.reshape(-1) if scores.ndim > 1 and scores.shape[1] == 1 else scores

    def predict(rows: Array) -> Array:
        scores = decide(rows)
        places = (scores > 0).astype(np.intp) if scores.ndim == 1 else scores.argmax(axis=1)
        found: Array = classes.take(places, axis=0)
        return found

    return {"decision_function": decide, "predict": predict}


def _logistic(fitted: Any) -> Methods:
    heads = _classifier(fitted)
    decide = heads["decision_function"]

    def of_two(rows: Array) -> Array:
        scores = decide(rows)
        found = np.empty((len(scores), 2), scores.dtype)
        expit(scores, out=scores)
        np.subtract(1, scores, out=found[:, 0])
        found[:, 1] = scores
        return found

    def of_many(rows: Array) -> Array:
        scores = decide(rows)
        scores -= scores.max(axis=1).reshape(-1, 1)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=1).reshape(-1, 1)
        return scores

    return {**heads, "predict_proba": of_two if len(fitted.classes_) == 2 else of_many}


def _weights(fitted: Any) -> Array:
    coefficients: Array = fitted.coef_
    return coefficients.T if coefficients.ndim == 2 else coefficients


HEADS: Mapping[str, Callable[[Any], Methods]] = {
    "sklearn.linear_model._base.LinearRegression": _regressor,
    "sklearn.linear_model._bayes.BayesianRidge": _regressor,
    "sklearn.linear_model._coordinate_descent.ElasticNet": _regressor,
    "sklearn.linear_model._coordinate_descent.ElasticNetCV": _regressor,
    "sklearn.linear_model._coordinate_descent.Lasso": _regressor,
    "sklearn.linear_model._coordinate_descent.LassoCV": _regressor,
    "sklearn.linear_model._huber.HuberRegressor": _regressor,
    "sklearn.linear_model._logistic.LogisticRegression": _logistic,
    "sklearn.linear_model._logistic.LogisticRegressionCV": _logistic,
    "sklearn.linear_model._ridge.Ridge": _regressor,
    "sklearn.linear_model._ridge.RidgeCV": _regressor,
    "sklearn.linear_model._ridge.RidgeClassifier": _classifier,
    "sklearn.linear_model._stochastic_gradient.SGDRegressor": _regressor,
    "sklearn.svm._classes.LinearSVC": _classifier,
    "sklearn.svm._classes.LinearSVR": _regressor,
}
"""By the full name of the class, so that nothing is imported to look."""
