"""The models that every server is given, and what they must answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import joblib  # type: ignore[import-untyped] # it publishes no types
import lightgbm
import numpy as np
import skops.io
from onnx import TensorProto, helper
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hotshelf_server.core.types import Array
from hotshelf_store import Manifest, Signature, TensorSpec, open_store
from hotshelf_store.golden import Golden, GoldenCase, write
from hotshelf_store.tensors import DTYPES
from tests.benchmarks.tree_scoring import FEATURES, LEAVES, TREES, train

INPUT = "input"
ONNX_OPERATORS = helper.make_opsetid("", 15)
ONNX_FORMAT = 8
"""Versions that every onnxruntime of late years reads."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a model: datatype of the protocol, and columns, none for a vector."""

    name: str
    datatype: str
    columns: int | None

    def spec(self) -> TensorSpec:
        """As a signature has it."""
        return TensorSpec(name=self.name, datatype=self.datatype, shape=[-1, *filter(None, [self.columns])])


@dataclass(frozen=True, slots=True)
class Model:
    """A model: one input [rows, 28] and one output; ``answer`` computes here what is expected of servers.

    ``file`` is what peers load, ``bundle`` what ours is given; ``tolerance`` is relative, for sums whose order a
    library may choose.
    """

    name: str
    title: str
    runtime: str
    file: str
    bundle: str
    input: Tensor
    output: Tensor
    tolerance: float
    answer: Callable[[Array], Array]


def prepare(folder: Path) -> Sequence[Model]:
    """Make the models' files in a folder, and for each a store with it alone."""
    found = [trees(folder / "trees"), pipeline(folder / "pipeline"), identity(folder / "identity")]
    for model in found:
        _publish(model, folder)
    return found


def trees(folder: Path) -> Model:
    """A binary LightGBM model. Writes ``model.txt``."""
    folder.mkdir()
    text = train()
    (folder / "model.txt").write_text(text)
    booster = lightgbm.Booster(model_str=text)
    return Model(
        "trees",
        f"LightGBM: {TREES} trees of {LEAVES} leaves, {FEATURES} features",
        "lightgbm",
        "model.txt",
        "model.txt",
        Tensor(INPUT, "FP32", FEATURES),
        Tensor("prediction", "FP64", None),
        1e-14,
        lambda rows: np.asarray(booster.predict(rows, num_threads=1)),
    )


def pipeline(folder: Path) -> Model:
    """A scaler and a logistic regression. Writes ``model.skops``, and ``model.joblib`` for peers."""
    folder.mkdir()
    rng = np.random.default_rng(2)
    rows = rng.normal(3, 2, size=(2_000, FEATURES))
    labels = (rows - 3) @ rng.normal(size=FEATURES) + rng.normal(size=len(rows)) > 0
    estimator = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, labels)
    skops.io.dump(estimator, folder / "model.skops")
    joblib.dump(estimator, folder / "model.joblib")
    return Model(
        "pipeline",
        f"scikit-learn: StandardScaler + LogisticRegression, {FEATURES} features",
        "sklearn",
        "model.joblib",
        "model.skops",
        Tensor(INPUT, "FP64", FEATURES),
        Tensor("predict_proba", "FP64", 2),
        1e-12,
        lambda rows: np.asarray(estimator.predict_proba(rows)),
    )


def identity(folder: Path) -> Model:
    """Answers what it is given. Writes ``model.onnx``."""
    folder.mkdir()
    given, answered = Tensor(INPUT, "FP32", FEATURES), Tensor("output", "FP32", FEATURES)
    values = [helper.make_tensor_value_info(one.name, TensorProto.FLOAT, [None, FEATURES]) for one in (given, answered)]
    node = helper.make_node("Identity", [given.name], [answered.name])
    graph = helper.make_graph([node], "identity", values[:1], values[1:])
    model = helper.make_model(graph, opset_imports=[ONNX_OPERATORS], ir_version=ONNX_FORMAT)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    title = f"identity: {FEATURES} numbers a row"
    return Model("identity", title, "onnx", "model.onnx", "model.onnx", given, answered, 0.0, np.asarray)


def store_of(folder: Path, model: str) -> Path:
    """Where `prepare` made the store of a model."""
    return folder / f"store-{model}"


def rows_of(model: Model, rows: int, seed: int) -> Array:
    """[rows, 28] other rows for each seed."""
    scale = np.random.default_rng([rows, seed]).normal(size=(rows, FEATURES))
    return (3 + 2 * scale if model.name == "pipeline" else scale).astype(DTYPES[model.input.datatype])


def _publish(model: Model, folder: Path) -> None:
    root, bundle = store_of(folder, model.name), folder / f"bundle-{model.name}"
    root.mkdir()
    bundle.mkdir()
    (bundle / model.bundle).write_bytes((folder / model.name / model.bundle).read_bytes())
    rows = rows_of(model, 8, seed=0)
    golden = Golden((GoldenCase({INPUT: rows}, {model.output.name: model.answer(rows)}),), model.tolerance)
    manifest = Manifest(
        runtime=model.runtime,
        signature=Signature(inputs=[model.input.spec()], outputs=[model.output.spec()]),
        golden=write(bundle, golden),
    )
    store = open_store(root)
    version = store.publish(model.name, bundle, manifest)
    store.promote(model.name, version, reason="benchmark", force=True)
