"""Learners of known behaviour, and a problem to give them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np

from hotshelf_trainer.diagnosis.crossing import Problem
from hotshelf_trainer.diagnosis.sample import Doubles, Fitted, Indices, Predictions


@dataclass(frozen=True, slots=True)
class Mean:
    """Predicts the mean of what it learned from, for every row."""

    problem: Problem

    def fit(self, rows: Indices, parameters: Mapping[str, Any], seed: int) -> Fitted:
        level = float(self.problem.truth[rows].mean()) + parameters.get("offset", 0.0)
        return lambda asked: np.full(len(asked), level)


@dataclass(frozen=True, slots=True)
class Polynomial:
    """Least squares on powers of one feature up to ``degree``."""

    x: Doubles
    problem: Problem

    def fit(self, rows: Indices, parameters: Mapping[str, Any], seed: int) -> Fitted:
        coefficients = np.polynomial.chebyshev.chebfit(self.x[rows], self.problem.truth[rows], parameters["degree"])

        def predict(asked: Indices) -> Predictions:
            return np.asarray(np.polynomial.chebyshev.chebval(self.x[asked], coefficients))

        return predict


@dataclass(frozen=True, slots=True)
class Ranker:
    """LightGBM LambdaRank, with ``leaves`` and ``trees``."""

    features: Doubles
    problem: Problem

    def fit(self, rows: Indices, parameters: Mapping[str, Any], seed: int) -> Fitted:
        assert self.problem.query is not None
        _, sizes = np.unique(self.problem.query[rows], return_counts=True)
        settings = {
            "objective": "lambdarank",
            "learning_rate": 0.06,
            "num_leaves": parameters["leaves"],
            "min_data_in_leaf": 100,
            "max_bin": 63,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "seed": seed,
            "verbosity": -1,
        }
        data = lightgbm.Dataset(self.features[rows], self.problem.truth[rows], group=sizes)
        booster = lightgbm.train(settings, data, parameters["trees"])
        return lambda asked: np.asarray(booster.predict(self.features[asked], num_threads=1))


def ranking(queries: int, seed: int) -> tuple[Doubles, Problem]:
    """Lists of 16, a fifth of the rows relevant, by a law of interactions under much noise."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(queries * 16, 10))
    law = features[:, 0] + features[:, 1] * features[:, 2] + features[:, 3] * features[:, 4]
    worth = law + 3 * rng.normal(size=len(features))
    query = np.repeat(np.arange(queries), 16)
    return features, Problem((worth > np.quantile(worth, 0.8)).astype(np.int64), query, query)


def wave(seed: int, groups: int = 60, noise: float = 0.3) -> tuple[Doubles, Problem]:
    """Three rows a group of sin(3 x) and noise, x in -1..1."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, groups * 3)
    return x, Problem(np.sin(3 * x) + rng.normal(0, noise, len(x)), np.repeat(np.arange(groups), 3))
