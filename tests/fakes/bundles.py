"""Small real bundles."""

from functools import cache
from pathlib import Path

import lightgbm
import numpy as np

from hotshelf_store import Manifest, Signature, Store, TensorSpec
from hotshelf_store.golden import Golden, GoldenCase, write

ROWS = np.random.default_rng(0).random((64, 3))


def lightgbm_bundle(folder: Path, *, trees: int = 3, spoiled_golden: bool = False) -> Manifest:
    """Write a regression model of so many trees with one golden case; returns its manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    booster = lightgbm.Booster(model_str=_trained(trees))
    booster.save_model(folder / "model.txt")
    expected = np.asarray(booster.predict(ROWS[:4], num_threads=1)) + spoiled_golden
    case = GoldenCase({"input": ROWS[:4]}, {"prediction": expected})
    return Manifest(
        runtime="lightgbm",
        signature=Signature(
            inputs=[TensorSpec(name="input", datatype="FP64", shape=[-1, 3])],
            outputs=[TensorSpec(name="prediction", datatype="FP64", shape=[-1])],
        ),
        golden=write(folder, Golden((case,))),
    )


def prediction(trees: int) -> np.ndarray:
    """What the model of so many trees answers to `ROWS`."""
    return np.asarray(lightgbm.Booster(model_str=_trained(trees)).predict(ROWS, num_threads=1))


def publish_lightgbm(
    store: Store, folder: Path, model: str = "toy", *, trees: int = 3, spoiled_golden: bool = False
) -> int:
    """Publish such a model and make it champion."""
    manifest = lightgbm_bundle(folder, trees=trees, spoiled_golden=spoiled_golden)
    version = store.publish(model, folder, manifest)
    store.promote(model, version, reason="test", force=True)
    return version


def python_bundle(folder: Path, name: str = "Doubler", *, golden: bool = True) -> Manifest:
    """Write a bundle of a class in tests.fakes.python_models; returns its manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "offset.txt").write_text("1")
    manifest = Manifest(
        runtime="python",
        runtime_options={"entrypoint": f"tests.fakes.python_models:{name}"},
        signature=Signature(
            inputs=[TensorSpec(name="x", datatype="FP64", shape=[-1])],
            outputs=[TensorSpec(name="y", datatype="FP64", shape=[-1])],
        ),
    )
    if golden:
        case = GoldenCase({"x": np.array([1.0, 2.0])}, {"y": np.array([3.0, 5.0])})
        manifest.golden.CopyFrom(write(folder, Golden((case,))))
    return manifest


@cache
def _trained(trees: int) -> str:
    parameters = {"objective": "regression", "num_threads": 1, "verbose": -1, "min_data_in_leaf": 2, "num_leaves": 4}
    return lightgbm.train(parameters, lightgbm.Dataset(ROWS, ROWS.sum(axis=1)), trees).model_to_string()
