"""A trained version tells how far its callers' rows have moved from those that it learned from."""

import subprocess
import sys
from collections.abc import Iterator

import grpc
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from tests.integration.conftest import Running, serving
from tests.integration.protocol.speaking import ask, metric

RECIPE = """
name: tumours
task: classification
data: {builtin: breast_cancer}
target: target
estimator: {name: LogisticRegression, parameters: {max_iter: 2000}}
split: {folds: 2}
diagnosis: {learning_curve: false, capacity_curve: false, validation_curves: false, bootstraps: 0, shuffles: 0}
"""
MAIN = "import sys; from hotshelf_cli.main import main; sys.exit(main())"
UNITS = 25.4
"""A caller who measures in other units than the training data did."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of one trained model."""
    folder = tmp_path_factory.mktemp("drift")
    (folder / "recipe.yaml").write_text(RECIPE)
    (folder / "store").mkdir()
    train = ["train", str(folder / "recipe.yaml"), "--store", str(folder / "store")]
    subprocess.run([sys.executable, "-c", MAIN, *train], check=True, capture_output=True, timeout=120)
    with serving(store=folder / "store") as running:
        yield running


def drift(running: Running, feature: str) -> float:
    return metric(running, "hotshelf_input_drift_psi", model="tumours", version="1", feature=feature)


def call(running: Running, scale: float) -> None:
    """Every row once, sixteen at a time, with one feature in other units."""
    table = load_breast_cancer(as_frame=True).data
    table["mean radius"] *= scale
    with grpc.insecure_channel(running.address) as channel:
        stub = GRPCInferenceServiceStub(channel)
        for first in range(0, len(table), 16):
            part = table[first : first + 16]
            stub.ModelInfer(ask("tumours", {name: ("FP64", part[name].to_numpy(np.float64)) for name in part}))


def test_rows_like_those_of_the_training_show_little_drift_and_other_units_much(running: Running) -> None:
    call(running, 1.0)
    assert drift(running, "mean radius") < 0.1
    call(running, UNITS)
    assert drift(running, "mean radius") > 0.25
    assert drift(running, "mean texture") < 0.1
    assert metric(running, "hotshelf_input_drift_rows", model="tumours", version="1") == 2 * 569
    assert metric(running, "hotshelf_version_created_timestamp_seconds", model="tumours", version="1") > 1.6e9
    assert probabilities(running, "+Inf") == probabilities(running, "1.0") == 2 * 2 * 569
    assert probabilities(running, "-0.2") == 0


def probabilities(running: Running, bound: str) -> float:
    """Those that were answered up to a bound: two for each row."""
    name = "hotshelf_output_value_bucket"
    return metric(running, name, model="tumours", version="1", output="predict_proba", le=bound)
