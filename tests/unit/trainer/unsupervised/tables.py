"""Small tables with a known law, and recipes for them."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from hotshelf_trainer.recipes import AnomalyRecipe, ClusteringRecipe, DecompositionRecipe, parse
from hotshelf_trainer.table.intake import take
from hotshelf_trainer.table.rows import in_order, rows_of
from hotshelf_trainer.unsupervised.learner import AnyRecipe, Learner
from hotshelf_trainer.unsupervised.parts import parts_of
from hotshelf_trainer.unsupervised.subject import Subject

CENTRES = np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0]])
QUICK: dict[str, dict[str, Any]] = {
    "clustering": {
        "clusters": {"least": 2, "most": 4},
        "diagnosis": {"bootstraps": 5, "shuffles": 5},
        "estimator": {"name": "KMeans", "parameters": {"n_init": 3}},
    },
    "anomaly": {
        "contamination": 0.05,
        "diagnosis": {"bootstraps": 5},
        "estimator": {"name": "IsolationForest", "parameters": {"n_estimators": 20}},
    },
    "decomposition": {"components": {"variance": 0.8}, "diagnosis": {"shuffles": 5}},
}


def table(rows: int = 240, seed: int = 0) -> pl.DataFrame:
    """Three clusters in ``x`` and ``y``; ``z`` is their sum, and ``kind`` the cluster's name, at times missing."""
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, 3, rows)
    x, y = (CENTRES[cluster] + rng.normal(0, 0.6, (rows, 2))).T
    return pl.DataFrame(
        {
            "id": np.arange(rows),
            "customer": rng.integers(0, rows // 3, rows),
            "day": pl.Series(np.arange(rows) // 4).cast(pl.Int32).cast(pl.Date),
            "x": np.where(rng.random(rows) < 0.03, np.nan, x),
            "y": y,
            "z": x + y + rng.normal(0, 0.3, rows),
            "kind": np.array(["low", "right", "up"], dtype=object)[cluster],
            "noise": rng.normal(size=rows),
        }
    ).with_columns(
        pl.col("x").fill_nan(None), kind=pl.when(pl.Series(rng.random(rows) < 0.05)).then(None).otherwise("kind")
    )


def recipe_of(task: str, path: Path | str = "table.parquet", **said: Any) -> AnyRecipe:
    """A recipe of a task for `table`; roles that aren't named are dropped."""
    roles = [name for name in ("id", "customer", "day") if name not in said.values()]
    content: dict[str, Any] = {
        "name": "made",
        "task": task,
        "data": {"path": str(path)},
        "features": {"drop": [*roles, "noise"]},
        "gate": {"resamples": 200, "max_milliseconds": 10_000},
        "threads": 1,
    }
    recipe = parse(content | QUICK[task] | said, "test")
    assert isinstance(recipe, ClusteringRecipe | AnomalyRecipe | DecompositionRecipe)
    return recipe


def subject_of(folder: Path, task: str, rows: pl.DataFrame | None = None, **said: Any) -> tuple[Subject, AnyRecipe]:
    """What a recipe's task learns from."""
    path = folder / "table.parquet"
    (table() if rows is None else rows).write_parquet(path)
    recipe = recipe_of(task, path, **said)
    taken = take(recipe)
    found = rows_of(in_order(taken.checked.kept, taken.roles), taken.roles)
    learning, test = parts_of(found, recipe)
    return Subject(found, learning, test, Learner(taken.roles, recipe)), recipe
