"""One server of many models, shared by the tests that leave its store alone."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import numpy as np
import pytest

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_store import Manifest, Signature, Store, TensorSpec, open_store
from hotshelf_store.tensors import DTYPES
from tests.fakes.bundles import publish_lightgbm
from tests.integration.conftest import Running, serving

BATCHING = {"max_rows": 32, "max_delay_seconds": 0.02}


def publish_python(store: Store, folder: Path, model: str, name: str = "Gated") -> int:
    """Publish a class of tests.fakes.protocol_models that makes numbers ``y`` of numbers ``x``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "offset.txt").write_text("1")
    manifest = Manifest(
        runtime="python",
        runtime_options={"entrypoint": f"tests.fakes.protocol_models:{name}"},
        signature=Signature(
            inputs=[TensorSpec(name="x", datatype="FP64", shape=[-1])],
            outputs=[TensorSpec(name="y", datatype="FP64", shape=[-1])],
        ),
    )
    return store.publish(model, folder, manifest)


def publish_mirror(store: Store, folder: Path) -> int:
    """Publish a model with one input of each datatype, each [-1, -1], and outputs of the same names.

    Datatypes that can't be sent typed may be left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "empty").write_text("")
    tensors = [
        TensorSpec(name=one.lower(), datatype=one, shape=[-1, -1], optional=one in ("FP16", "BF16")) for one in DTYPES
    ]
    manifest = Manifest(
        runtime="python",
        runtime_options={"entrypoint": "tests.fakes.protocol_models:Mirror"},
        signature=Signature(inputs=tensors, outputs=tensors),
    )
    return store.publish("mirror", folder, manifest)


@pytest.fixture(scope="package", params=[True, False], ids=["fast", "stock"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """With and without the fast lane. Models: toy and batched of LightGBM; mirror, gated and joined of python."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "store").mkdir()
    store = open_store(folder / "store")
    for model in ("toy", "batched"):
        publish_lightgbm(store, folder / model, model)
    for model in ("gated", "joined"):
        publish_python(store, folder / model, model)
    publish_mirror(store, folder / "mirror")
    settings = {
        "batched": {"batching": BATCHING},
        "joined": {"batching": BATCHING},
        "gated": {"queue": {"max_waiting": 4}},
    }
    with serving(
        store=folder / "store", allow_python=["tests.fakes"], model_settings=settings, fast_lane=request.param
    ) as running:
        yield running


@pytest.fixture
def channel(house: Running) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(house.address) as channel:
        yield channel


@pytest.fixture
def stub(channel: grpc.Channel) -> GRPCInferenceServiceStub:
    return GRPCInferenceServiceStub(channel)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Path]:
    """A file that is not there, for parameter ``until``; it is made at the end at the latest."""
    file = tmp_path / "gate"
    yield file
    file.touch()


@pytest.fixture
def ones() -> np.ndarray:
    return np.ones((1, 3))
