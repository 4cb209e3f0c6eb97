"""onnxruntime adds up the same leaves in the same order: its sums are the tree engine's to the last bit."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotshelf_server.runtimes.onnx import open_session
from hotshelf_server.runtimes.trees import Trees, Unsupported, build_trees, compile_trees
from hotshelf_server.runtimes.trees.as_onnx import MOST_NODES, onnx_of
from hotshelf_server.runtimes.trees.library import open_library
from hotshelf_server.runtimes.trees.proof import hostile_rows
from hotshelf_server.runtimes.trees.text import ZERO, read
from tests.fakes.boosters import FEATURES, KINDS, model_text, with_mixed_ways, without_sizes

LEFT_OUT = {kind for kind in KINDS if "categories" in kind or kind == "zero as missing"}


def sums(trees: Trees, rows: np.ndarray) -> bytes:
    (found,) = open_session(onnx_of(trees), 1).run(["sums"], {"rows": rows})
    return np.asarray(found).tobytes()


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - LEFT_OUT))
def test_hostile_rows_get_the_same_sums(kind: str) -> None:
    trees = compile_trees(model_text(kind))
    rows = hostile_rows(trees.columns, FEATURES, 2000)
    for count in (1, 2, 65, 2000):
        assert sums(trees, rows[:count]) == trees.raw_scores(rows[:count]).tobytes()
    with np.errstate(over="ignore"):
        single = rows.astype(np.float32)
    assert sums(trees, single.astype(np.float64)) == trees.raw_scores(single).tobytes()


@settings(max_examples=25)
@given(
    kind=st.sampled_from(["binary", "multiclass", "300 leaves", "nothing is missing", "75 trees"]),
    seed=st.integers(0, 7),
    ways=st.integers(0, 1 << 32),
    size=st.integers(1, 200),
)
def test_any_model_gives_any_rows_the_same_sums(kind: str, seed: int, ways: int, size: int) -> None:
    rng = np.random.default_rng(ways)
    trees = compile_trees(with_mixed_ways(model_text(kind, seed), rng, zero_too=False))
    pool = hostile_rows(trees.columns, FEATURES, 2000)
    drawn = pool[rng.integers(0, 2000, size)]
    rows = np.where(rng.random(drawn.shape) < 0.5, drawn, rng.normal(size=drawn.shape))
    assert sums(trees, rows) == trees.raw_scores(rows).tobytes()


@pytest.mark.parametrize("threshold", [0.0, -0.0, 5e-324, -5e-324, ZERO, -ZERO, ZERO / 2, -ZERO / 2, np.inf, -np.inf])
@pytest.mark.parametrize("way", [0, 2, 8, 10])
def test_what_counts_as_zero_is_on_zero_s_side_of_every_threshold(threshold: float, way: int) -> None:
    said = read(open_library(), model_text("regression"))
    thresholds, ways = np.full_like(said.threshold, threshold), np.full_like(said.decision, way)
    trees = build_trees(replace(said, threshold=thresholds, decision=ways))
    rows = hostile_rows(trees.columns, FEATURES, 300)
    assert sums(trees, rows) == trees.raw_scores(rows).tobytes()


@pytest.mark.parametrize("kind", sorted(LEFT_OUT))
def test_splits_that_onnx_decides_otherwise_are_left_out(kind: str) -> None:
    with pytest.raises(Unsupported, match=r"(splits by categories are|zero as a missing value is) not converted"):
        onnx_of(compile_trees(model_text(kind)))


def test_trees_that_speak_for_all_classes_are_left_out() -> None:
    said = read(open_library(), model_text("regression"))
    both = replace(said, classes=2, spread=True, value=np.concatenate([said.value, said.value]))
    with pytest.raises(Unsupported, match="trees that speak for all classes are not converted"):
        onnx_of(build_trees(both))


def test_large_models_are_left_out() -> None:
    head, _, rest = without_sizes(model_text("300 leaves")).partition(b"\nTree=0\n")
    tree = re.split(rb"\nTree=|\nend of trees", rest)[0]
    leaves = int(re.findall(rb"num_leaves=(\d+)", tree)[0])
    copies = MOST_NODES // (leaves - 1) + 1
    many = head + b"".join(b"\nTree=%d\n%s" % (number, tree) for number in range(copies)) + b"\nend of trees\n"
    with pytest.raises(Unsupported, match=rf"{copies * (leaves - 1)} nodes, at most {MOST_NODES} are converted"):
        onnx_of(compile_trees(many))


def test_what_is_written_is_onnx_as_its_own_package_reads_it(tmp_path: Path) -> None:
    content = onnx_of(compile_trees(model_text("multiclass")))
    (tmp_path / "model.onnx").write_bytes(content)
    found = onnx.load(tmp_path / "model.onnx")
    onnx.checker.check_model(found)
    (node,) = found.graph.node
    (rows,), (scores,) = found.graph.input, found.graph.output
    assert (node.op_type, node.domain) == ("TreeEnsemble", "ai.onnx.ml")
    for port, columns in ((rows, FEATURES), (scores, 3)):
        assert port.type.tensor_type.elem_type == onnx.TensorProto.DOUBLE
        assert [one.dim_value for one in port.type.tensor_type.shape.dim] == [0, columns]
