"""Every part of the wire contracts says what it is."""

import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from subprocess import run

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet

PROTOS = Path(__file__).parents[3] / "protos"
SOURCES = sorted(str(path.relative_to(PROTOS)) for path in (PROTOS / "hotshelf").rglob("*.proto"))

Numbers = tuple[int, ...]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FileDescriptorProto]:
    """Every file with its comments: the generated code has lost them."""
    out = tmp_path_factory.mktemp("protos") / "all.binpb"
    well_known = files("grpc_tools").joinpath("_proto")
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTOS}", f"-I{well_known}"]
    run([*command, "--include_source_info", f"--descriptor_set_out={out}", *SOURCES], check=True)
    return {file.name: file for file in FileDescriptorSet.FromString(out.read_bytes()).file}


def parts_of_enum(enum: EnumDescriptorProto, path: Numbers, prefix: str) -> Iterator[tuple[Numbers, str]]:
    name = f"{prefix}{enum.name}"
    yield path, name
    for index, value in enumerate(enum.value):
        yield (*path, 2, index), f"{name}.{value.name}"


def parts_of_message(message: DescriptorProto, path: Numbers, prefix: str) -> Iterator[tuple[Numbers, str]]:
    if message.options.map_entry:
        return
    name = f"{prefix}{message.name}"
    yield path, name
    for index, field in enumerate(message.field):
        yield (*path, 2, index), f"{name}.{field.name}"
    for index, nested in enumerate(message.nested_type):
        yield from parts_of_message(nested, (*path, 3, index), f"{name}.")
    for index, enum in enumerate(message.enum_type):
        yield from parts_of_enum(enum, (*path, 4, index), f"{name}.")
    for index, oneof in enumerate(message.oneof_decl):
        if not any(field.proto3_optional and field.oneof_index == index for field in message.field):
            yield (*path, 8, index), f"{name}.{oneof.name}"


def parts(file: FileDescriptorProto) -> Iterator[tuple[Numbers, str]]:
    """Each part's path, in the numbers of descriptor.proto, and its name."""
    for index, message in enumerate(file.message_type):
        yield from parts_of_message(message, (4, index), "")
    for index, enum in enumerate(file.enum_type):
        yield from parts_of_enum(enum, (5, index), "")
    for index, service in enumerate(file.service):
        yield (6, index), service.name
        for place, method in enumerate(service.method):
            yield (6, index, 2, place), f"{service.name}.{method.name}"


@pytest.mark.parametrize("source", SOURCES)
def test_every_part_has_a_comment(described: dict[str, FileDescriptorProto], source: str) -> None:
    file = described[source]
    said = {tuple(place.path) for place in file.source_code_info.location if place.leading_comments.strip()}
    assert [name for path, name in parts(file) if path not in said] == []


@pytest.mark.parametrize("source", [source for source in SOURCES if "/v1" in source and "reflection" not in source])
def test_our_own_package_is_its_folder(described: dict[str, FileDescriptorProto], source: str) -> None:
    assert described[source].package == str(Path(source).parent).replace("/", ".")


@pytest.mark.parametrize("source", [source for source in SOURCES if "inference" not in source])
def test_no_proto_of_ours_imports_the_shared_inference_package(
    described: dict[str, FileDescriptorProto], source: str
) -> None:
    assert not [name for name in described[source].dependency if name.startswith("hotshelf/inference/")]
