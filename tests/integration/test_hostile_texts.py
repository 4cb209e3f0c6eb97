"""A bundle whose model would lead LightGBM astray is refused with its reason, and what served before still serves."""

import re
from pathlib import Path

import grpc
import numpy as np
import pytest

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf.registry.v1.registry_pb2 import VERSION_STATE_FAILED, GetVersionRequest
from hotshelf.registry.v1.registry_pb2_grpc import RegistryServiceStub
from hotshelf_store import Store
from tests.fakes.bundles import ROWS, lightgbm_bundle, prediction, publish_lightgbm
from tests.integration.conftest import Running, serving, wait_until

SPOILED = {
    "a child beyond the tree": (r"^left_child=\S+", "left_child=9", "tree 0: node 0 leads to 9, expected a node"),
    "a way that never ends": (r"^left_child=\S+", "left_child=0", "tree 0: node 0 is a child 1 times, expected 0"),
    "a feature beyond the row": (r"^split_feature=\S", "split_feature=7", "splits by feature 7, expected 0 to 2"),
    "what is no number": (r"^leaf_value=\S", "leaf_value=x", "tree 0: leaf_value holds b'x"),
}


def failure(running: Running, version: int) -> str:
    """Why a version has failed; nothing where it hasn't yet."""
    with grpc.insecure_channel(running.address) as channel:
        status = RegistryServiceStub(channel).GetVersion(GetVersionRequest(model="toy", version=version)).version.status
    return str(status.reason) if status.state == VERSION_STATE_FAILED else ""


def answered(running: Running) -> bytes:
    request = pb.ModelInferRequest(model_name="toy", raw_input_contents=[ROWS.tobytes()])
    request.inputs.add(name="input", datatype="FP64", shape=list(ROWS.shape))
    with grpc.insecure_channel(running.address) as channel:
        found: bytes = GRPCInferenceServiceStub(channel).ModelInfer(request).raw_output_contents[0]
    return found


@pytest.mark.parametrize("engine", ["own", "library"])
def test_the_server_says_why_and_keeps_what_serves(tmp_path: Path, store: Store, engine: str) -> None:
    publish_lightgbm(store, tmp_path / "good")
    expected = np.asarray(prediction(3)).tobytes()
    with serving(store=tmp_path / "store", model_settings={"*": {"engine": engine}}) as running:
        assert answered(running) == expected
        for name, (old, new, words) in SPOILED.items():
            folder = tmp_path / name
            manifest = lightgbm_bundle(folder)
            text, count = re.subn(old, new, (folder / "model.txt").read_text(), count=1, flags=re.MULTILINE)
            assert count
            (folder / "model.txt").write_text(re.sub(r"^tree_sizes=.*\n", "", text, flags=re.MULTILINE))
            version = store.publish("toy", folder, manifest)
            store.promote("toy", version, reason="test", force=True)
            wait_until(lambda version=version: failure(running, version))  # type: ignore[misc]  # mypy knows no default
            assert words in failure(running, version)
            assert answered(running) == expected
