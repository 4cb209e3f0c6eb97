"""scikit-learn's trees as the tree engine reads them.

Sources: ``sklearn/tree/_tree.pxd`` (nodes), ``sklearn/ensemble/_hist_gradient_boosting/predictor.py``, release 1.9.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.trees import Unsupported
from hotshelf_server.runtimes.trees.columns import DEFAULT_LEFT, MISSING_NAN, MISSING_NONE
from hotshelf_server.runtimes.trees.text import Model

ZERO = 0.0
"""scikit-learn compares numbers as they are."""

MOST_LEAVES = 1 << 20
"""Of an ensemble. Reading takes some 200 bytes a leaf, for a moment: as much as scikit-learn's own trees take."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree, node by node, the root first and children behind their parents; what is of leaves only, leaf by leaf.

    ``leaf``: [nodes] whether it is one. ``feature``, ``threshold``, ``missing_left``, ``left``, ``right``: [inner];
    children are numbers of nodes. ``values``: [leaves, outputs].
    """

    leaf: Array
    feature: Array
    threshold: Array
    missing_left: Array
    left: Array
    right: Array
    values: Array


def constant(value: float) -> Tree:
    """A leaf alone."""
    none = np.zeros(0)
    return Tree(np.ones(1, bool), none, none, none, none, none, np.array([[value]]))


def grown(tree: Any, outputs: int, scale: float | None = None) -> Tree:
    """A fitted ``tree_`` of a decision tree, its values multiplied by ``scale``."""
    left = tree.children_left
    leaf = left < 0
    inner = ~leaf
    values = tree.value[leaf, 0, :outputs]
    return Tree(
        leaf,
        tree.feature[inner],
        tree.threshold[inner],
        tree.missing_go_to_left[inner] > 0,
        left[inner],
        tree.children_right[inner],
        values if scale is None else scale * values,
    )


def predictor(nodes: Array) -> Tree:
    """The nodes of a histogram-based tree. Raises `Unsupported` for categories."""
    leaf = nodes["is_leaf"] > 0
    inner = nodes[~leaf]
    if inner["is_categorical"].any():
        raise Unsupported("a tree of scikit-learn's splits by categories")
    return Tree(
        leaf,
        inner["feature_idx"],
        inner["num_threshold"],
        inner["missing_go_to_left"] > 0,
        inner["left"],
        inner["right"],
        nodes["value"][leaf].reshape(-1, 1),
    )


def ensemble(trees: Sequence[Tree], features: int, classes: int, *, missing: bool, spread: bool = False) -> Model:
    """All trees, which take turns between the classes, or each speaks for all of them (``spread``).

    ``missing``: whether NaN may come. Raises `Unsupported` for a threshold of NaN, and for too many leaves.
    """
    if (leaves := sum(len(tree.values) for tree in trees)) > MOST_LEAVES:
        raise Unsupported(f"the ensemble has {leaves} leaves, at most {MOST_LEAVES} are taken")
    threshold = np.concatenate([tree.threshold for tree in trees]).astype(np.float64)
    if np.isnan(threshold).any():
        raise Unsupported("a threshold is NaN")
    missing_left = np.concatenate([tree.missing_left for tree in trees]).astype(bool)
    values = np.concatenate([tree.values for tree in trees]).astype(np.float64)
    numbers = [_numbers(tree.leaf) for tree in trees]
    return Model(
        features,
        classes,
        objective=(),
        averaged=False,
        leaves=np.array([len(tree.values) for tree in trees], np.int64),
        feature=np.concatenate([tree.feature for tree in trees]).astype(np.int64),
        threshold=threshold,
        decision=_decisions(missing_left, missing=missing),
        left=_children([tree.left for tree in trees], numbers),
        right=_children([tree.right for tree in trees], numbers),
        value=np.ascontiguousarray(values.T).reshape(-1),
        sets=((),) * len(trees),
        zero=ZERO,
        spread=spread,
    )


def _decisions(missing_left: Array, *, missing: bool) -> Array:
    """As LightGBM's ``decision_type`` has them."""
    if not missing:  # nodes alike share their thresholds, and so ranks are found once a feature
        return np.full(len(missing_left), MISSING_NONE << 2, np.int64)
    return (MISSING_NAN << 2) | np.where(missing_left, DEFAULT_LEFT, 0).astype(np.int64)


def _numbers(leaf: Array) -> Array:
    """Of each node: which of the inner nodes it is, or ``~`` which of the leaves."""
    return np.where(leaf, ~(np.cumsum(leaf) - 1), np.cumsum(~leaf) - 1)


def _children(nodes: Sequence[Array], numbers: Sequence[Array]) -> Array:
    return np.concatenate([number[node.astype(np.int64)] for node, number in zip(nodes, numbers, strict=True)])
