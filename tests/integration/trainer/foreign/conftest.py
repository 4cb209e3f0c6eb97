"""Models of every kind, trained elsewhere: here."""

from pathlib import Path

import lightgbm
import numpy as np
import onnx
import pytest
import skops.io
from onnx import TensorProto, helper
from sklearn.linear_model import LogisticRegression

from hotshelf_store import Store, open_store

FEATURES = 4


@pytest.fixture
def store_folder(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    return tmp_path / "store"


@pytest.fixture
def store(store_folder: Path) -> Store:
    return open_store(store_folder)


@pytest.fixture(scope="session")
def rows() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(200, FEATURES))


@pytest.fixture(scope="session")
def labels(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows[:, 0] + rows[:, 1] > 0)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def booster_file(folder: Path, rows: np.ndarray, labels: np.ndarray) -> Path:
    settings = {"objective": "binary", "verbose": -1, "num_threads": 1, "num_leaves": 7}
    booster = lightgbm.train(settings, lightgbm.Dataset(rows, labels), num_boost_round=5)
    booster.save_model(str(folder / "booster.txt"))
    return folder / "booster.txt"


@pytest.fixture(scope="session")
def skops_file(folder: Path, rows: np.ndarray, labels: np.ndarray) -> Path:
    model = LogisticRegression().fit(rows, np.where(labels, "yes", "no"))
    skops.io.dump(model, folder / "model.skops")
    return folder / "model.skops"


@pytest.fixture(scope="session")
def onnx_file(folder: Path) -> Path:
    weights = helper.make_tensor("w", TensorProto.FLOAT, [FEATURES], [1.0, 2.0, 3.0, 4.0])
    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", "w"], ["y"])],
        "scale",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", FEATURES])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows", FEATURES])],
        [weights],
    )
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 21)])
    onnx.save(model, folder / "scale.onnx")
    return folder / "scale.onnx"
