"""Small LightGBM models of every kind that the tree engine scores."""

import re
from collections.abc import Mapping
from functools import cache

import lightgbm
import numpy as np

ROWS, FEATURES = 400, 5
CATEGORIES = 70
"""Of the last feature, where a kind has categories."""

KINDS: Mapping[str, Mapping[str, object]] = {
    "regression": {},
    "sqrt": {"reg_sqrt": True},
    "l1": {"objective": "regression_l1"},
    "huber": {"objective": "huber"},
    "fair": {"objective": "fair"},
    "quantile": {"objective": "quantile"},
    "mape": {"objective": "mape"},
    "poisson": {"objective": "poisson"},
    "gamma": {"objective": "gamma"},
    "tweedie": {"objective": "tweedie"},
    "binary": {"objective": "binary", "sigmoid": 0.7},
    "cross_entropy": {"objective": "cross_entropy"},
    "cross_entropy_lambda": {"objective": "cross_entropy_lambda"},
    "multiclass": {"objective": "multiclass", "num_class": 3},
    "ova": {"objective": "multiclassova", "num_class": 3, "sigmoid": 1.3},
    "lambdarank": {"objective": "lambdarank"},
    "no boost from average": {"boost_from_average": False},
    "random forest": {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
    "random forest of classes": {
        "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5, "objective": "multiclass", "num_class": 3,
    },
    "dart": {"boosting": "dart"},
    "zero as missing": {"zero_as_missing": True},
    "nothing is missing": {"use_missing": False},
    "categories": {"categories": True},
    "categories one by one": {"categories": True, "max_cat_to_onehot": CATEGORIES},
    "categories, zero as missing": {"categories": True, "zero_as_missing": True},
    "100 leaves": {"num_leaves": 100, "min_data_in_leaf": 1},
    "300 leaves": {"num_leaves": 300, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 0.0},
    "300 thresholds": {
        "max_bin": 1000, "min_data_in_bin": 1, "use_missing": False, "num_leaves": 300, "min_data_in_leaf": 1,
        "rounds": 30, "min_sum_hessian_in_leaf": 0.0, "lambda_l2": 1.0, "feature_fraction_bynode": 0.3,
    },
    "stumps": {"num_leaves": 2},
    "one leaf": {"min_data_in_leaf": ROWS},
    "one iteration": {"rounds": 1},
    "75 trees": {"rounds": 75},
}  # fmt: skip
"""What each is trained with beside the defaults."""


@cache
def linear_text() -> bytes:
    """A model whose leaves are linear functions of two features."""
    rows = np.random.default_rng(0).normal(size=(200, 2))
    parameters = {"objective": "regression", "linear_tree": True, "verbose": -1, "num_threads": 1}
    return str(lightgbm.train(parameters, lightgbm.Dataset(rows, rows[:, 0]), 2).model_to_string()).encode()


def without_sizes(text: bytes) -> bytes:
    """A text that may be changed: LightGBM ends the process when a tree isn't as long as the text says."""
    return re.sub(rb"^tree_sizes=.*\n", b"", text, flags=re.MULTILINE)


def with_mixed_ways(text: bytes, rng: np.random.Generator, *, zero_too: bool = True) -> bytes:
    """The same trees, each numeric node with a way to treat missing values that is drawn anew; ``zero_too``: among them
    to take zero for one."""
    ways = [0, 2, 4, 6, 8, 10] if zero_too else [0, 2, 8, 10]

    def draw(found: re.Match[bytes]) -> bytes:
        drawn = (word if int(word) & 1 else b"%d" % rng.choice(ways) for word in found[1].split())
        return b"decision_type=" + b" ".join(drawn)

    return re.sub(rb"decision_type=(.*)", draw, without_sizes(text))


@cache
def model_text(kind: str, seed: int = 0) -> bytes:
    """The text of a model of one of `KINDS`."""
    parameters = {"objective": "regression", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 3, "seed": seed}
    parameters |= {"min_data_per_group": 3, "cat_smooth": 1.0, "num_leaves": 20, **KINDS[kind]}
    rounds = int(str(parameters.pop("rounds", 6)))
    categories = parameters.pop("categories", False)
    rows, labels = _data(seed, parameters)
    data = lightgbm.Dataset(
        rows,
        labels,
        group=[ROWS // 10] * 10 if parameters["objective"] == "lambdarank" else None,
        categorical_feature=[FEATURES - 1] if categories else [],
    )
    return str(lightgbm.train(parameters, data, rounds).model_to_string()).encode()


def _data(seed: int, parameters: Mapping[str, object]) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(ROWS, FEATURES))
    rows[:, 1] = rng.poisson(1.0, ROWS) - 0.5 * (seed % 2)
    rows[:, -1] = rng.integers(0, CATEGORIES, ROWS)
    rows[rng.random(rows.shape) < 0.1] = np.nan
    rows[rng.random(rows.shape) < 0.1] = 0.0
    signal = np.nan_to_num(rows[:, 0]) + np.sin(np.nan_to_num(rows[:, -1])) + rng.normal(size=ROWS)
    if classes := parameters.get("num_class"):
        return rows, np.digitize(signal, [-0.5, 0.5])[: len(rows)] % int(str(classes))
    if parameters["objective"] in ("binary", "lambdarank"):
        return rows, (signal > 0).astype(int)
    if parameters["objective"] in ("cross_entropy", "cross_entropy_lambda"):
        return rows, 1 / (1 + np.exp(-signal))
    return rows, np.exp(signal / 2)
