"""Whatever LightGBM writes of a model, it may read again."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import lightgbm
import numpy as np
import pandas as pd
import pytest

from hotshelf_server.runtimes.texts.check import check_text
from hotshelf_server.runtimes.texts.head import Said
from tests.fakes.boosters import KINDS, linear_text, model_text

ROWS, FEATURES = 300, 4
BASE = {
    "verbose": -1,
    "num_threads": 1,
    "min_data_in_leaf": 5,
    "num_leaves": 8,
    "min_data_per_group": 5,
    "cat_smooth": 1.0,
}


@cache
def data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(ROWS, FEATURES))
    rows[:, 2] = rng.integers(0, 40, ROWS)
    rows[rng.random(rows.shape) < 0.05] = np.nan
    known = np.nan_to_num(rows)
    return rows, known[:, 0] + 2 * np.sin(known[:, 2]) + 2 * (known[:, 3] > 0) + rng.normal(size=ROWS) / 4


def dataset(
    parameters: Mapping[str, object], labels: np.ndarray | None = None, categories: Sequence[int] = ()
) -> lightgbm.Dataset:
    rows, signal = data()
    known = signal if labels is None else labels
    return lightgbm.Dataset(
        rows, known, params=dict(parameters), categorical_feature=list(categories), free_raw_data=False
    )


def trained(rounds: int = 3, categories: Sequence[int] = (), **parameters: object) -> lightgbm.Booster:
    every: dict[str, object] = {**BASE, "objective": "regression", **parameters}
    labels = np.digitize(data()[1], [-0.5, 0.5]) if "num_class" in every else None
    return lightgbm.train(every, dataset(every, labels, categories), rounds)


def refitted() -> lightgbm.Booster:
    return trained().refit(data()[0][:100], data()[1][:100], verbose=-1)


def continued() -> lightgbm.Booster:
    return lightgbm.train({**BASE, "objective": "regression"}, dataset(BASE), 2, init_model=trained())


def stopped_early() -> lightgbm.Booster:
    parameters = {**BASE, "objective": "regression", "learning_rate": 2.0}
    known = dataset(parameters)
    valid = lightgbm.Dataset(data()[0][:50], data()[1][:50], reference=known)
    stop = lightgbm.early_stopping(2, verbose=False)
    booster = lightgbm.train(parameters, known, 30, valid_sets=[valid], callbacks=[stop])
    assert booster.best_iteration < 30
    return booster


def own_objective() -> lightgbm.Booster:
    def gradient(scores: np.ndarray, known: lightgbm.Dataset) -> tuple[np.ndarray, np.ndarray]:
        return scores - np.asarray(known.get_label()), np.ones_like(scores)

    return lightgbm.train({**BASE, "objective": gradient}, dataset(BASE), 2)


def of_a_table() -> lightgbm.Booster:
    rows, labels = data()
    table = pd.DataFrame(rows, columns=["a=b", "π", "a space", "d"])
    table["d"] = pd.Categorical(np.where(rows[:, 3] > 0, "=\n", "Tree=0"), ["a", "b", "=\n", "Tree=0"])
    return lightgbm.train({**BASE, "objective": "regression"}, lightgbm.Dataset(table, labels), 3)


MODELS: Mapping[str, Callable[[], lightgbm.Booster]] = {
    "goss": lambda: trained(data_sample_strategy="goss"),
    "dart": lambda: trained(boosting="dart", drop_rate=0.9, skip_drop=0.0),
    "quantized": lambda: trained(use_quantized_grad=True),
    "monotone": lambda: trained(monotone_constraints=[1, 0, 0, -1]),
    "linear": lambda: trained(linear_tree=True),
    "linear of classes": lambda: trained(linear_tree=True, objective="multiclass", num_class=3),
    "linear with categories": lambda: trained(6, linear_tree=True, categories=[2]),
    "linear of one leaf": lambda: trained(linear_tree=True, min_data_in_leaf=ROWS),
    "linear, some of one leaf": lambda: trained(30, linear_tree=True, min_gain_to_split=20.0),
    "classes of one leaf": lambda: trained(objective="multiclassova", num_class=3, min_data_in_leaf=ROWS),
    "infinite gains": lambda: trained(learning_rate=1e30, boost_from_average=False),
    "refitted": refitted,
    "continued": continued,
    "stopped early": stopped_early,
    "own objective": own_objective,
    "a table": of_a_table,
}


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_of_every_kind_passes(kind: str) -> None:
    booster = MODELS[kind]()
    text = booster.model_to_string()
    said = Said(booster.num_feature(), booster.num_model_per_iteration(), text.count("\nTree="))
    assert check_text(text.encode()) == said


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_of_every_kind_that_the_tree_engine_knows_passes(kind: str) -> None:
    assert check_text(model_text(kind)).trees == model_text(kind).count(b"\nTree=")


@pytest.mark.parametrize("options", [{"num_iteration": 2}, {"start_iteration": 1}, {"importance_type": "gain"}])
def test_a_part_of_a_model_passes(options: Mapping[str, object]) -> None:
    text = trained(objective="multiclass", num_class=3).model_to_string(**options)  # type: ignore[arg-type]  # as named
    assert check_text(text.encode()).trees == text.count("\nTree=")


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_that_was_read_and_written_again_passes(kind: str) -> None:
    text = MODELS[kind]().model_to_string()
    check_text(lightgbm.Booster(model_str=text).model_to_string().encode())


def test_a_text_that_doesn_t_say_its_trees_sizes_passes() -> None:
    text = linear_text()
    start = text.index(b"tree_sizes=")
    assert check_text(text[:start] + text[text.index(b"\n", start) + 1 :]) == check_text(text)
