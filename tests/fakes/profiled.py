"""A real LightGBM model that takes its columns by name and tells how they were distributed."""

import json
from functools import cache
from pathlib import Path

import lightgbm
import numpy as np

from hotshelf_store import Manifest, Signature, Store, TensorSpec
from hotshelf_store.profile import TRAINING_FILE, ColumnProfile, Profile

COLUMNS = ("age", "visits")
DECILES = tuple(tenth / 10 for tenth in range(1, 10))
DATA_END = 1_700_000_000


def publish_profiled(store: Store, folder: Path, model: str, trees: int = 3) -> int:
    """Publish a regression on two columns that are uniform between 0 and 1; gives the version's number."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.txt").write_text(_trained(trees))
    column = ColumnProfile("number", 1000, DECILES, {str(place): 0.1 for place in range(10)}, ())
    profile = Profile(dict.fromkeys(COLUMNS, column))
    (folder / TRAINING_FILE).write_text(json.dumps({"profile": json.loads(profile.to_json())}))
    manifest = Manifest(
        runtime="lightgbm",
        signature=Signature(
            inputs=[TensorSpec(name=name, datatype="FP64", shape=[-1]) for name in COLUMNS],
            outputs=[TensorSpec(name="prediction", datatype="FP64", shape=[-1])],
        ),
    )
    manifest.data.end.FromSeconds(DATA_END)
    return store.publish(model, folder, manifest)


@cache
def _trained(trees: int) -> str:
    rows = np.random.default_rng(0).random((256, len(COLUMNS)))
    parameters = {"objective": "regression", "num_threads": 1, "verbose": -1, "num_leaves": 4, "seed": 0}
    data = lightgbm.Dataset(rows, rows.sum(axis=1), feature_name=list(COLUMNS))
    return str(lightgbm.train(parameters, data, trees).model_to_string())
