"""A LightGBM model of numeric splits as an ONNX graph, for measuring onnxruntime on the same trees.

float32 throughout, so its answers are near to LightGBM's and not equal. Source: ai.onnx.ml's TreeEnsembleRegressor.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.trees.library import open_library
from hotshelf_server.runtimes.trees.text import Model, read

OPERATORS = (("", 15), ("ai.onnx.ml", 1))
NODE = ("nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_modes", "nodes_values", "nodes_truenodeids")
NODES = (*NODE, "nodes_falsenodeids")
LEAVES = ("target_treeids", "target_nodeids", "target_ids", "target_weights")


def scorer(text: bytes) -> Callable[[Array], Array]:
    """Raw scores [n, 1] of float32 rows, by one thread of onnxruntime."""
    model = read(open_library(), text)
    nodes, leaves = list(_nodes(model)), list(_leaves(model))
    attributes: dict[str, Any] = dict(zip(NODES, map(list, zip(*nodes, strict=True)), strict=True))
    attributes |= dict(zip(LEAVES, map(list, zip(*leaves, strict=True)), strict=True))
    node = helper.make_node(
        "TreeEnsembleRegressor", ["rows"], ["scores"], domain="ai.onnx.ml", n_targets=1, **attributes
    )
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, model.features])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [None, 1])
    graph = helper.make_graph([node], "trees", [rows], [scores])
    imports = [helper.make_opsetid(*operator) for operator in OPERATORS]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    whole = helper.make_model(graph, opset_imports=imports, ir_version=8)
    session = onnxruntime.InferenceSession(whole.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda batch: np.asarray(session.run(None, {"rows": batch})[0])


def _nodes(model: Model) -> Iterator[tuple[object, ...]]:
    inner = np.repeat(model.leaves - 1, model.leaves - 1)
    children = (np.where(child < 0, inner + ~child, child).tolist() for child in (model.left, model.right))
    rows = zip(model.feature.tolist(), model.threshold.tolist(), *children, strict=True)
    for tree, leaves in enumerate(model.leaves.tolist()):
        for place in range(leaves - 1):
            feature, threshold, left, right = next(rows)
            yield tree, place, feature, "BRANCH_LEQ", threshold, left, right
        for leaf in range(leaves):
            yield tree, leaves - 1 + leaf, 0, "LEAF", 0.0, 0, 0


def _leaves(model: Model) -> Iterator[tuple[object, ...]]:
    values = iter(model.value.tolist())
    for tree, leaves in enumerate(model.leaves.tolist()):
        for leaf in range(leaves):
            yield tree, leaves - 1 + leaf, 0, next(values)
