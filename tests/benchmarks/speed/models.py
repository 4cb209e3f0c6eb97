"""The models that every server is given, each with a store of its own for ours."""

from collections.abc import Callable, Sequence
from pathlib import Path

import joblib  # type: ignore[import-untyped] # it publishes no types
import lightgbm
import numpy as np
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from hotshelf_server.core.types import Array
from hotshelf_store import Manifest, Signature, open_store
from hotshelf_store.golden import Golden, GoldenCase, write
from tests.benchmarks.speed.model import Model, Tensor
from tests.benchmarks.tree_scoring import FEATURES, train

INPUT = "input"


def prepare(folder: Path) -> Sequence[Model]:
    """Make all of them in a folder."""
    return [trees(folder), pipeline(folder), identity(folder)]


def trees(folder: Path) -> Model:
    """A binary LightGBM model, as ``model.txt``."""
    text = train()
    file = _file(folder, "trees", "model.txt")
    file.write_text(text)
    booster = lightgbm.Booster(model_str=text)
    model = Model(
        "trees",
        folder / "store-trees",
        file,
        Tensor(INPUT, "FP32", FEATURES),
        Tensor("prediction", "FP64", None),
        1e-14,
        lambda rows: np.asarray(booster.predict(rows, num_threads=1)),
        normal(np.float32),
    )
    _publish(model, "lightgbm", file)
    return model


def pipeline(folder: Path) -> Model:
    """A scaler and a logistic regression, as ``model.skops``, and for peers as ``model.joblib``."""
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(2_000, FEATURES))
    labels = rows @ rng.normal(size=FEATURES) + rng.normal(size=len(rows)) > 0
    estimator = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, labels)
    file = _file(folder, "pipeline", "model.skops")
    skops.io.dump(estimator, file)
    joblib.dump(estimator, file.with_suffix(".joblib"))
    model = Model(
        "pipeline",
        folder / "store-pipeline",
        file.with_suffix(".joblib"),
        Tensor(INPUT, "FP64", FEATURES),
        Tensor("predict_proba", "FP64", 2),
        1e-12,
        lambda rows: np.asarray(estimator.predict_proba(rows)),
        normal(np.float64),
    )
    _publish(model, "sklearn", file)
    return model


def identity(folder: Path) -> Model:
    """Answers what it is given: scikit-learn's transformer without a function, as ``model.skops``."""
    file = _file(folder, "identity", "model.skops")
    skops.io.dump(FunctionTransformer().fit(normal(np.float32)(2, 0)), file)
    given, answered = Tensor(INPUT, "FP32", FEATURES), Tensor("transform", "FP32", FEATURES)
    model = Model("identity", folder / "store-identity", file, given, answered, 0.0, np.asarray, normal(np.float32))
    _publish(model, "sklearn", file)
    return model


def normal(dtype: type[np.floating]) -> Callable[[int, int], Array]:
    """[rows, 28] of standard normal numbers."""
    return lambda rows, seed: np.random.default_rng([rows, seed]).normal(size=(rows, FEATURES)).astype(dtype)


def _file(folder: Path, model: str, name: str) -> Path:
    (folder / model).mkdir()
    return folder / model / name


def _publish(model: Model, runtime: str, file: Path) -> None:
    """Into its store, as champion, with golden rows."""
    model.store.mkdir()
    bundle = model.store.with_name(f"bundle-{model.name}")
    bundle.mkdir()
    (bundle / file.name).write_bytes(file.read_bytes())
    rows = model.draw(8, 0)
    golden = Golden((GoldenCase({INPUT: rows}, {model.output.name: model.answer(rows)}),), model.tolerance)
    manifest = Manifest(
        runtime=runtime,
        signature=Signature(inputs=[model.input.spec()], outputs=[model.output.spec()]),
        golden=write(bundle, golden),
    )
    store = open_store(model.store)
    version = store.publish(model.name, bundle, manifest)
    store.promote(model.name, version, reason="benchmark", force=True)
