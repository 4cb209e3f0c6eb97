"""Small tables with a known law, and recipes for them."""

from typing import Any

import numpy as np
import polars as pl

from hotshelf_trainer.recipes import TabularRecipe, parse


def table(rows: int = 400, seed: int = 0) -> pl.DataFrame:
    """Numbers, a category and targets: ``value`` is linear in them, ``kind`` is whether it is above its median."""
    rng = np.random.default_rng(seed)
    size, colour = rng.normal(size=rows), rng.choice(["red", "green", "blue"], rows)
    value = 3 * size + np.where(colour == "red", 2.0, 0.0) + rng.normal(size=rows) * 0.5
    return pl.DataFrame(
        {
            "id": np.arange(rows),
            "customer": rng.integers(0, rows // 4, rows),
            "day": pl.Series(np.arange(rows) // 4).cast(pl.Int32).cast(pl.Date),
            "size": np.where(rng.random(rows) < 0.05, np.nan, size),
            "noise": rng.normal(size=rows),
            "colour": colour,
            "value": value,
            "kind": np.where(value > np.median(value), "high", "low"),
            "grade": np.digitize(value, [-2.0, 2.0]),
        }
    ).with_columns(pl.col("size").fill_nan(None))


NO_DIAGNOSIS = {
    "learning_curve": False,
    "capacity_curve": False,
    "validation_curves": False,
    "bootstraps": 0,
    "shuffles": 0,
}
TARGETS = {"classification": "kind", "regression": "value", "ranking": "grade"}


def recipe_of(task: str, **said: Any) -> TabularRecipe:
    """A recipe of a task for `table`; the other targets are left out."""
    target = TARGETS[task]
    others = [name for name in TARGETS.values() if name != target]
    content: dict[str, Any] = {
        "name": "made",
        "task": task,
        "data": {"path": "table.parquet"},
        "target": target,
        "id": "id",
        "features": {"drop": [*others, *[name for name in ("customer", "day") if name not in said.values()]]},
        "split": {"folds": 3},
        "gate": {"resamples": 200},
        "diagnosis": {
            "learning_curve": False,
            "capacity_curve": False,
            "validation_curves": False,
            "bootstraps": 0,
            "shuffles": 0,
        },
        "estimator": {"name": "lightgbm", "parameters": {"n_estimators": 20, "num_leaves": 7}},
    }
    if task == "ranking":
        content["group"] = "customer"
        content["features"]["drop"].remove("customer")
    recipe = parse(content | said, "test")
    assert isinstance(recipe, TabularRecipe)
    return recipe
