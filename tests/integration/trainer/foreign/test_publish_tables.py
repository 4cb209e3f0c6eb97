"""Models that were trained from tables are published with their columns, and answer by name."""

import json
from collections.abc import Callable
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from hotshelf_server.runtimes import Response, RuntimePolicy, load
from hotshelf_server.runtimes.loading import RUNTIMES
from hotshelf_store import Manifest, Store
from hotshelf_store.bundle import write_manifest
from hotshelf_trainer.foreign.errors import Unpublishable
from hotshelf_trainer.foreign.publish import Foreign, publish
from tests.fakes.tables import COLOURS, SIZES, labels, sent, table

FRAME = table().assign(colour=table()["colour"].astype(object), size=table()["size"].astype("int64"))
SIZE_TEXTS = [str(size) for size in SIZES]


@pytest.fixture
def table_booster(tmp_path: Path) -> lightgbm.Booster:
    parameters = {"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 3}
    booster = lightgbm.train(parameters, lightgbm.Dataset(table(), labels() > 0), 3)
    booster.save_model(tmp_path / "model.txt")
    return booster


@pytest.fixture
def put(store: Store, tmp_path: Path) -> Callable[..., Manifest]:
    def run(path: Path, signature: Any = None, **options: Any) -> Manifest:
        if signature is not None:
            (tmp_path / "s.json").write_text(json.dumps(signature))
            options["signature"] = tmp_path / "s.json"
        return store.manifest("m", publish(store, "m", Foreign(path, **options), author="test"))

    return run


def inputs(manifest: Manifest) -> dict[str, tuple[str, list[int], list[str]]]:
    return {spec.name: (spec.datatype, list(spec.shape), list(spec.categories)) for spec in manifest.signature.inputs}


def answer(store: Store, manifest: Manifest, output: str) -> Any:
    with closing(load(store.files("m", manifest.version), manifest, RuntimePolicy())) as servable:
        names = {spec.name for spec in manifest.signature.inputs}
        found = servable.predict(
            {name: tensor for name, tensor in sent(table(30, seed=5)).items() if name in names}, {}
        )
        assert isinstance(found, Response)
        return found.outputs[output]


def test_a_lightgbm_model_of_categories_takes_columns_by_name(
    put: Callable[..., Manifest], store: Store, tmp_path: Path, table_booster: lightgbm.Booster
) -> None:
    manifest = put(tmp_path / "model.txt")
    assert inputs(manifest) == {
        "price": ("FP64", [-1], []),
        "colour": ("BYTES", [-1], list(COLOURS)),
        "visits": ("FP64", [-1], []),
        "size": ("INT64", [-1], SIZE_TEXTS),
        "member": ("FP64", [-1], []),
    }
    expected = table_booster.predict(table(30, seed=5), num_threads=1)
    np.testing.assert_array_equal(answer(store, manifest, "prediction"), expected)


def test_a_signature_file_without_categories_gets_those_of_the_model(
    put: Callable[..., Manifest], store: Store, tmp_path: Path, table_booster: lightgbm.Booster
) -> None:
    kinds = {"price": "FP32", "colour": "BYTES", "visits": "INT64", "size": "INT64", "member": "BOOL"}
    said = {
        "inputs": [{"name": name, "datatype": datatype, "shape": [-1, 1]} for name, datatype in kinds.items()],
        "outputs": [
            {"name": "leaf_index", "datatype": "INT32", "shape": [-1, 3]},
            {"name": "contributions", "datatype": "FP64", "shape": [-1, 6]},
        ],
    }
    manifest = put(tmp_path / "model.txt", said)
    assert inputs(manifest)["colour"] == ("BYTES", [-1, 1], list(COLOURS))
    assert inputs(manifest)["size"] == ("INT64", [-1, 1], SIZE_TEXTS)
    assert table_booster.num_trees() == 3


def test_a_pipeline_over_columns_tells_their_types(put: Callable[..., Manifest], store: Store, tmp_path: Path) -> None:
    words = ColumnTransformer([("words", OneHotEncoder(), ["colour", "size"]), ("id", "drop", ["member"])])
    model = make_pipeline(words, LogisticRegression()).fit(FRAME, labels())
    skops.io.dump(model, tmp_path / "model.skops")
    manifest = put(tmp_path / "model.skops")
    # An encoder that refuses what it doesn't know got golden requests of what it knows.
    assert inputs(manifest) == {"colour": ("BYTES", [-1], []), "size": ("INT64", [-1], [])}
    unseen = table(30, seed=5).astype({"colour": object, "size": "int64"})
    np.testing.assert_allclose(answer(store, manifest, "predict_proba"), model.predict_proba(unseen))


@pytest.mark.parametrize("categories", [True, False])
def test_gradient_boosting_answers_alike_with_categories_in_the_signature_and_without(
    put: Callable[..., Manifest], store: Store, tmp_path: Path, categories: bool
) -> None:
    model = HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=3).fit(table(), labels())
    skops.io.dump(model, tmp_path / "model.skops")
    manifest = put(tmp_path / "model.skops")
    assert inputs(manifest)["colour"] == ("BYTES", [-1], [])
    if categories:
        manifest.signature.inputs[1].categories.extend(COLOURS)
    np.testing.assert_allclose(answer(store, manifest, "predict_proba"), model.predict_proba(table(30, seed=5)))


def test_an_estimator_of_lightgbm_s_takes_categories(
    put: Callable[..., Manifest], store: Store, tmp_path: Path
) -> None:
    model = lightgbm.LGBMClassifier(n_estimators=2, verbose=-1, n_jobs=1).fit(table(), labels())
    skops.io.dump(model, tmp_path / "model.skops")
    manifest = put(tmp_path / "model.skops")
    assert inputs(manifest)["colour"] == ("BYTES", [-1], list(COLOURS))
    assert {"lightgbm", "scikit-learn", "skops"} == set(manifest.library_versions)
    np.testing.assert_allclose(answer(store, manifest, "predict_proba"), model.predict_proba(table(30, seed=5)))


@pytest.mark.parametrize("kind", ["lightgbm", "sklearn", "onnx"])
def test_every_library_that_the_runtime_looks_at_is_in_the_manifest(
    put: Callable[..., Manifest], request: pytest.FixtureRequest, kind: str
) -> None:
    fixture = {"lightgbm": "booster_file", "sklearn": "skops_file", "onnx": "onnx_file"}[kind]
    manifest = put(request.getfixturevalue(fixture))
    looked_at = set(import_module(RUNTIMES[kind][0]).LIBRARIES)
    if kind == "sklearn":
        looked_at.remove("lightgbm")  # this model has none of it
    assert looked_at <= set(manifest.library_versions)
    assert "unknown" not in manifest.library_versions.values()


def test_a_bundle_of_other_versions_is_published_on_request_alone(
    put: Callable[..., Manifest], store: Store, booster_file: Path
) -> None:
    manifest = put(booster_file)
    source = store.files("m", 1)
    manifest.library_versions["lightgbm"] = "1.0.0"
    write_manifest(source, manifest)
    with pytest.raises(Unpublishable, match=r"made with lightgbm 1\.0\.0"):
        put(source)
    assert put(source, allow_library_drift=True).version == 2
