"""The engine's trees as an ONNX graph, by which another engine computes the same sums: float64 throughout, a row's
leaves added up tree by tree.

Source: operator ``TreeEnsemble`` of ai.onnx.ml, version 5.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.trees.columns import LOWEST, RANKS
from hotshelf_server.runtimes.trees.engine import Trees
from hotshelf_server.runtimes.trees.errors import Unsupported
from hotshelf_server.runtimes.trees.onnx_messages import Attribute, Port, model

OPERATOR = ("ai.onnx.ml", "TreeEnsemble", 5)
ROWS, SUMS = "rows", "sums"
MOST_NODES = 200_000
"""Inner nodes of all trees together: with so many, it takes 0.1 s to convert them, and 0.35 s to make a session."""

LESS_OR_EQUAL, SUM, UNTRANSFORMED = 0, 1, 0
"""How a node decides, what is done with a row's leaves, and with the outcome."""


def onnx_of(trees: Trees) -> bytes:
    """A model from rows [n, features] to sums [n, classes], both float64.

    Raises `Unsupported` for trees that have no such form, and for more than `MOST_NODES`.
    """
    _check(trees)
    inner = trees.layout.trees["inner"].astype(np.int64)
    attributes: Mapping[str, Attribute] = {
        **_nodes(trees, inner),
        "leaf_targetids": np.repeat(np.arange(trees.trees) % trees.classes, inner + 1),
        "leaf_weights": trees.layout.values,
        "n_targets": trees.classes,
        "aggregate_function": SUM,
        "post_transform": UNTRANSFORMED,
    }
    return model(OPERATOR, attributes, Port(ROWS, trees.features), Port(SUMS, trees.classes))


def _check(trees: Trees) -> None:
    nodes = int(trees.layout.trees["inner"].sum(dtype=np.int64))
    if nodes > MOST_NODES:
        raise Unsupported(f"{nodes} nodes, at most {MOST_NODES} are converted to ONNX")
    if trees.spread:
        raise Unsupported("trees that speak for all classes are not converted to ONNX")
    if len(trees.columns.categories):
        raise Unsupported("splits by categories are not converted to ONNX")
    if (trees.columns.groups["zero_to"] != 0.0).any():
        raise Unsupported("zero as a missing value is not converted to ONNX")


def _nodes(trees: Trees, inner: npt.NDArray[np.int64]) -> Mapping[str, Attribute]:
    """The inner nodes, tree by tree; a tree of one leaf has one, both of whose children are that leaf."""
    counts = np.maximum(inner, 1)
    roots = np.cumsum(counts) - counts
    tree = np.repeat(np.arange(len(inner)), counts)
    nodes = trees.layout.nodes[trees.layout.trees["nodes"][tree] + np.arange(len(tree)) - roots[tree]]
    feature, threshold = np.zeros(len(tree), np.int64), np.zeros(len(tree))
    missing_left = np.zeros(len(tree), np.int64)
    real = inner[tree] > 0
    feature[real], threshold[real], missing_left[real] = _splits(trees, nodes[real])
    children: dict[str, Array] = {}
    for name, child in (("true", nodes["left"]), ("false", nodes["right"])):
        is_leaf = child >= inner[tree]
        leaf = trees.layout.trees["values"][tree] + child - inner[tree]
        children[f"nodes_{name}nodeids"] = np.where(is_leaf, leaf, roots[tree] + child)
        children[f"nodes_{name}leafs"] = is_leaf.astype(np.int64)
    return {
        "nodes_featureids": feature,
        "nodes_splits": threshold,
        "nodes_modes": np.full(len(tree), LESS_OR_EQUAL, np.uint8),
        "nodes_missing_value_tracks_true": missing_left,
        "tree_roots": roots,
        **children,
    }


def _splits(trees: Trees, nodes: Array) -> tuple[Array, npt.NDArray[np.float64], Array]:
    """Each node's feature and threshold, and whether a missing value goes left."""
    groups = trees.columns.groups
    group = groups[np.repeat(np.arange(len(groups)), groups["columns"])[nodes["column"]]]
    rank = (nodes["column"] - group["column"]) * RANKS + nodes["k"] - LOWEST
    threshold = trees.columns.thresholds[group["thresholds"] + rank]
    missing_left = group["nan_to"] <= threshold
    # What isn't further from zero counts as zero there, and as itself here: no threshold may lie between the two.
    below = np.nextafter(-trees.zero, -np.inf)
    threshold = np.where(np.abs(threshold) <= trees.zero, np.where(threshold < 0.0, below, trees.zero), threshold)
    return group["feature"], threshold, missing_left
