"""docs/conformance.md names every RPC of the protocol, and proves what it says by tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from hotshelf.inference import open_inference_pb2

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "conformance.md").read_text()
PROOFS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
SERVED = open_inference_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"].methods_by_name
SHARED_MEMORY = [
    f"{kind}SharedMemory{verb}" for kind in ("System", "Cuda") for verb in ("Status", "Register", "Unregister")
]


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize(("path", "name"), PROOFS, ids=[name for _, name in PROOFS])
def test_proof_exists(path: str, name: str) -> None:
    assert name in names_in(path)


@pytest.mark.parametrize("rpc", [*SERVED, *SHARED_MEMORY])
def test_rpc_is_on_the_page(rpc: str) -> None:
    assert f"`{rpc}`" in PAGE


def test_every_row_of_what_is_served_has_a_proof() -> None:
    tables = PAGE.split("## Not served")[0]
    rows = [line for line in tables.splitlines() if line.startswith("| ") and not line.startswith("| What ")]
    assert len(rows) > 30
    assert [row for row in rows if "`tests/" not in row] == []
