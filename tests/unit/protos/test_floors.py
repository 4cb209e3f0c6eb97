"""The versions that the client's metadata asks for are those that generated the stubs: no higher, no lower."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GENERATED = ROOT / "protos" / "gen" / "python"


def declared(pattern: str, files: str) -> set[str]:
    """The versions that generated files say they need."""
    return {found for path in GENERATED.rglob(files) for found in re.findall(pattern, path.read_text())}


def floor(name: str) -> str:
    (found,) = (need for need in map(Requirement, PROJECT["project"]["dependencies"]) if need.name == name)
    (specifier,) = found.specifier
    assert specifier.operator == ">=", f"{name}: a ceiling would lock applications out"
    return specifier.version


@pytest.mark.parametrize(
    ("name", "pattern", "files"),
    [
        ("grpcio", r"GRPC_GENERATED_VERSION = '([\d.]+)'", "*_pb2_grpc.py"),
        ("protobuf", r"Protobuf Python Version: ([\d.]+)", "*_pb2.py"),
    ],
)
def test_floor_is_what_the_generated_code_refuses_to_go_below(name: str, pattern: str, files: str) -> None:
    assert declared(pattern, files) == {floor(name)}


def test_generator_is_pinned_to_the_floor_of_grpcio() -> None:
    pins = {need.name: need for need in map(Requirement, PROJECT["dependency-groups"]["protos"])}
    assert str(pins["grpcio-tools"].specifier) == f"=={floor('grpcio')}"
    assert str(pins["mypy-protobuf"].specifier).startswith("==")
