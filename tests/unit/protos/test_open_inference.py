"""Our Open Inference Protocol is Triton's, and lives beside Triton's client in one process."""

from collections.abc import Iterator

import pytest
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, FileDescriptor
from tritonclient.grpc import model_config_pb2 as triton_config
from tritonclient.grpc import service_pb2 as triton

from hotshelf.inference import model_config_pb2, open_inference_pb2

BEYOND_TRITON = {"inference.ModelMetadataResponse.properties"}
"""Of the normative protocol, but unknown to Triton."""


def messages(file: FileDescriptor) -> Iterator[Descriptor]:
    """Every message of a file, nested ones included, without the entries of maps."""
    for descriptor in file.message_types_by_name.values():
        yield descriptor
        yield from (nested for nested in descriptor.nested_types if not nested.GetOptions().map_entry)


THEIRS = {message.full_name: message for file in (triton, triton_config) for message in messages(file.DESCRIPTOR)}
OURS = [message for file in (open_inference_pb2, model_config_pb2) for message in messages(file.DESCRIPTOR)]
each_message = pytest.mark.parametrize("ours", OURS, ids=lambda message: message.full_name)


def described(field: FieldDescriptor) -> tuple[object, ...]:
    """What of a field reaches the wire, or a caller who uses its name."""
    message, enum, oneof = field.message_type, field.enum_type, field.containing_oneof
    entry = message.fields if message and message.GetOptions().map_entry else ()
    return (
        (field.full_name, field.number, field.type, field.is_repeated),
        (message and message.full_name, enum and enum.full_name, oneof and oneof.name),
        tuple(map(described, entry)),
    )


def values(enum: EnumDescriptor) -> dict[str, int]:
    return {value.name: value.number for value in enum.values}


@each_message
def test_every_field_is_tritons(ours: Descriptor) -> None:
    known = {described(field) for field in THEIRS[ours.full_name].fields}
    assert {described(field) for field in ours.fields if field.full_name not in BEYOND_TRITON} <= known


@each_message
def test_every_enum_value_is_tritons(ours: Descriptor) -> None:
    for name, enum in ours.enum_types_by_name.items():
        assert values(enum) == values(THEIRS[ours.full_name].enum_types_by_name[name])


def test_datatypes_are_tritons() -> None:
    assert values(model_config_pb2.DataType.DESCRIPTOR) == values(triton_config.DataType.DESCRIPTOR)


def test_every_rpc_is_tritons() -> None:
    theirs = triton.DESCRIPTOR.services_by_name["GRPCInferenceService"].methods_by_name
    for ours in open_inference_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"].methods:
        twin = theirs[ours.name]
        assert ours.input_type.full_name == twin.input_type.full_name
        assert ours.output_type.full_name == twin.output_type.full_name
        assert (ours.client_streaming, ours.server_streaming) == (twin.client_streaming, twin.server_streaming)


def test_both_live_in_one_process() -> None:
    theirs = triton.ModelInferRequest(model_name="m", raw_input_contents=[b"\0\1"])
    ours = open_inference_pb2.ModelInferRequest.FromString(theirs.SerializeToString())
    assert ours.model_name == "m"
    assert list(ours.raw_input_contents) == [b"\0\1"]
    assert ours.DESCRIPTOR.file.pool is not theirs.DESCRIPTOR.file.pool
