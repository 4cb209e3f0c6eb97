"""The Open Inference Protocol, spoken by a stock client in the same process."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
import tritonclient.grpc as triton
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from tritonclient.utils import InferenceServerException

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_store import Store
from tests.fakes.bundles import ROWS, lightgbm_bundle, prediction, publish_lightgbm, python_bundle
from tests.integration.conftest import Running, Serve, wait_until


@pytest.fixture
def client(toy: Running) -> Iterator[triton.InferenceServerClient]:
    with triton.InferenceServerClient(toy.address) as client:
        yield client


@pytest.fixture
def stub(toy: Running) -> Iterator[GRPCInferenceServiceStub]:
    with grpc.insecure_channel(toy.address) as channel:
        yield GRPCInferenceServiceStub(channel)


def rows(values: np.ndarray = ROWS) -> triton.InferInput:
    tensor = triton.InferInput("input", values.shape, "FP64")
    tensor.set_data_from_numpy(values)
    return tensor


def request(**changes: object) -> pb.ModelInferRequest:
    fields: dict[str, object] = {
        "model_name": "toy",
        "inputs": [pb.ModelInferRequest.InferInputTensor(name="input", datatype="FP64", shape=[1, 3])],
        "raw_input_contents": [ROWS[:1].tobytes()],
    }
    return pb.ModelInferRequest(**{**fields, **changes})  # type: ignore[arg-type]  # fields by name


def test_a_stock_client_in_this_process_gets_the_model_s_answers(client: triton.InferenceServerClient) -> None:
    answer = client.infer("toy", [rows()], request_id="r1")
    np.testing.assert_array_equal(answer.as_numpy("prediction"), prediction(3))
    response = answer.get_response()
    assert (response.model_name, response.model_version, response.id) == ("toy", "1", "r1")


def test_typed_contents_are_answered_like_raw_ones(stub: GRPCInferenceServiceStub) -> None:
    tensor = pb.ModelInferRequest.InferInputTensor(name="input", datatype="FP64", shape=[1, 3])
    tensor.contents.fp64_contents.extend(ROWS[0])
    typed = stub.ModelInfer(request(inputs=[tensor], raw_input_contents=[]))
    assert typed.raw_output_contents == stub.ModelInfer(request()).raw_output_contents


def test_liveness_readiness_and_metadata(client: triton.InferenceServerClient) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("toy")
    assert client.is_model_ready("toy", "1")
    metadata = client.get_model_metadata("toy")
    assert (metadata.name, list(metadata.versions)) == ("toy", ["1"])
    assert [(spec.name, spec.datatype, list(spec.shape)) for spec in metadata.inputs] == [("input", "FP64", [-1, 3])]
    assert client.get_server_metadata().name == "hotshelf"


def test_readiness_of_an_unknown_model_is_not_found(stub: GRPCInferenceServiceStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        stub.ModelReady(pb.ModelReadyRequest(name="nobody"))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"model_name": "nobody"}, "NOT_FOUND", "model 'nobody' is not served here"),
        ({"model_version": "9"}, "NOT_FOUND", "version 9 of model 'toy' is not loaded here; loaded: 1"),
        ({"model_version": "shadow"}, "NOT_FOUND", "no alias 'shadow'"),
        (
            {"inputs": [pb.ModelInferRequest.InferInputTensor(name="x", datatype="FP64", shape=[1, 3])]},
            "INVALID_ARGUMENT",
            "unknown input 'x'; expected input",
        ),
        (
            {
                "inputs": [pb.ModelInferRequest.InferInputTensor(name="input", datatype="FP32", shape=[1, 3])],
                "raw_input_contents": [ROWS[:1].astype("f4").tobytes()],
            },
            "INVALID_ARGUMENT",
            "'input': datatype FP32, expected FP64",
        ),
        (
            {"inputs": [pb.ModelInferRequest.InferInputTensor(name="input", datatype="FP64", shape=[3])]},
            "INVALID_ARGUMENT",
            "'input': shape [3], expected [-1, 3]",
        ),
        ({"raw_input_contents": [b"short"]}, "INVALID_ARGUMENT", "expected 24 bytes for FP64 [1, 3], found 5"),
        (
            {"outputs": [pb.ModelInferRequest.InferRequestedOutputTensor(name="odds")]},
            "INVALID_ARGUMENT",
            "unknown output 'odds'; expected prediction",
        ),
    ],
)
def test_a_bad_request_is_told_what_was_wrong_and_expected(
    stub: GRPCInferenceServiceStub, changes: dict[str, object], code: str, words: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        stub.ModelInfer(request(**changes))
    assert caught.value.code().name == code
    assert words in str(caught.value.details())
    trailing: Any = caught.value.trailing_metadata()
    info = ErrorInfo()
    assert Status.FromString(dict(trailing)["grpc-status-details-bin"]).details[0].Unpack(info)
    assert info.domain == "hotshelf"
    assert info.reason


def test_typed_beside_raw_contents_are_refused(stub: GRPCInferenceServiceStub) -> None:
    both = request()
    both.inputs[0].contents.fp64_contents.extend(ROWS[0])
    with pytest.raises(grpc.RpcError, match="typed contents beside raw_input_contents"):
        stub.ModelInfer(both)


def test_a_request_over_the_size_limit_is_refused(serve: Serve, store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "toy")
    running = serve(max_message_bytes=1 << 20)
    with (
        triton.InferenceServerClient(running.address) as client,
        pytest.raises(InferenceServerException) as caught,
    ):
        client.infer("toy", [rows(np.zeros((50_000, 3)))])
    assert "RESOURCE_EXHAUSTED" in str(caught.value)


def test_parameters_reach_the_model_and_come_back(serve: Serve, store: Store, tmp_path: Path) -> None:
    manifest = python_bundle(tmp_path / "doubler")
    store.publish("doubler", tmp_path / "doubler", manifest)
    running = serve(allow_python=["tests.fakes"])
    tensor = triton.InferInput("x", [2], "FP64")
    tensor.set_data_from_numpy(np.array([1.0, 2.0]))
    with triton.InferenceServerClient(running.address) as client:
        answer = client.infer("doubler", [tensor], parameters={"do": "respond"})
        response = answer.get_response()
        assert response.parameters["note"].string_param == "hello"
        assert response.parameters["count"].int64_param == 3
        with pytest.raises(InferenceServerException, match="several responses to one request"):
            client.infer("doubler", [tensor], parameters={"do": "iterate"})
        with pytest.raises(InferenceServerException, match="raised ValueError: no such luck"):
            client.infer("doubler", [tensor], parameters={"do": "raise"})


def test_one_bundle_is_served_without_a_store(serve: Serve, tmp_path: Path) -> None:
    from hotshelf_store.bundle import write_manifest

    folder = tmp_path / "alone"
    write_manifest(folder, lightgbm_bundle(folder))
    running = serve(store=None, models={"alone": folder})
    with triton.InferenceServerClient(running.address) as client:
        np.testing.assert_array_equal(client.infer("alone", [rows()]).as_numpy("prediction"), prediction(3))


def test_a_new_champion_answers_and_the_response_says_so(serve: Serve, store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "first")
    with triton.InferenceServerClient(serve().address) as client:
        assert client.infer("toy", [rows()]).get_response().model_version == "1"
        publish_lightgbm(store, tmp_path / "second", trees=5)
        wait_until(lambda: client.infer("toy", [rows()]).get_response().model_version == "2")
        for version, trees in (("", 5), ("2", 5), ("1", 3), ("previous", 3)):
            found = client.infer("toy", [rows()], version).as_numpy("prediction")
            np.testing.assert_array_equal(found, prediction(trees))
