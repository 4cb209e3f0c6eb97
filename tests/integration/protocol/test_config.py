"""ModelConfig and metadata say how a model is served."""

import grpc
import pytest

from hotshelf.inference import model_config_pb2 as config
from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_store.tensors import DTYPES
from tests.integration.protocol.conftest import BATCHING


def config_of(stub: GRPCInferenceServiceStub, model: str, version: str = "") -> config.ModelConfig:
    return stub.ModelConfig(pb.ModelConfigRequest(name=model, version=version)).config


def test_a_model_whose_calls_are_computed_alone_has_whole_shapes_and_no_batch_size(
    stub: GRPCInferenceServiceStub,
) -> None:
    found = config_of(stub, "toy")
    assert (found.name, found.max_batch_size, found.HasField("dynamic_batching")) == ("toy", 0, False)
    assert [(one.name, one.data_type, list(one.dims)) for one in found.input] == [("input", config.TYPE_FP64, [-1, 3])]
    assert [(one.name, one.data_type, list(one.dims)) for one in found.output] == [
        ("prediction", config.TYPE_FP64, [-1])
    ]


def test_a_model_whose_calls_are_joined_has_shapes_without_the_batch(stub: GRPCInferenceServiceStub) -> None:
    found = config_of(stub, "batched", "champion")
    assert found.max_batch_size == BATCHING["max_rows"]
    assert found.dynamic_batching.max_queue_delay_microseconds == 20_000
    assert found.dynamic_batching.default_queue_policy.max_queue_size == 256
    assert (list(found.input[0].dims), list(found.output[0].dims)) == ([3], [])


def test_every_datatype_has_its_name_in_the_configuration(stub: GRPCInferenceServiceStub) -> None:
    found = {one.name.upper(): config.DataType.Name(one.data_type) for one in config_of(stub, "mirror").input}
    assert found == {one: "TYPE_STRING" if one == "BYTES" else f"TYPE_{one}" for one in DTYPES}
    assert [one.name for one in config_of(stub, "mirror").input if one.optional] == ["fp16", "bf16"]


@pytest.mark.parametrize(("model", "version"), [("nobody", ""), ("toy", "7"), ("toy", "no-such-alias")])
@pytest.mark.parametrize("method", ["ModelConfig", "ModelStatistics", "ModelMetadata"])
def test_what_is_not_served_is_not_found(stub: GRPCInferenceServiceStub, method: str, model: str, version: str) -> None:
    request = getattr(pb, f"{method}Request")(name=model, version=version)
    with pytest.raises(grpc.RpcError) as caught:
        getattr(stub, method)(request)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_the_server_names_the_extensions_that_it_serves_and_no_others(stub: GRPCInferenceServiceStub) -> None:
    assert list(stub.ServerMetadata(pb.ServerMetadataRequest()).extensions) == [
        "binary_tensor_data",
        "classification",
        "logging",
        "model_configuration",
        "model_repository",
        "parameters",
        "schedule_policy",
        "statistics",
        "trace",
    ]


def test_metadata_leaves_the_field_empty_that_implementations_disagree_on(stub: GRPCInferenceServiceStub) -> None:
    assert not stub.ModelMetadata(pb.ModelMetadataRequest(name="toy")).properties
