"""From a model's trees to the flat arrays that the library reads (``native/trees.h``)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.trees.columns import Columns, columns_of
from hotshelf_server.runtimes.trees.errors import Unsupported
from hotshelf_server.runtimes.trees.shape import tree_depths
from hotshelf_server.runtimes.trees.text import Model

NODE = np.dtype([("column", "u2"), ("k", "i1"), ("unused", "u1"), ("left", "u2"), ("right", "u2")])
TREE = np.dtype([("nodes", "i8"), ("values", "i8"), ("inner", "i4"), ("depth", "i4")])
MOST_LEAVES = 1 << 15
"""Of a tree: its nodes and leaves are numbered in 16 bits."""


@dataclass(frozen=True, slots=True)
class Layout:
    """All arrays of a model."""

    columns: Columns
    trees: Array
    nodes: Array
    values: npt.NDArray[np.float64]


def lay_out(model: Model) -> Layout:
    """Raises `Unsupported` for trees that are too large, and its kind `Broken` for what is none."""
    if (most := model.leaves.max()) > MOST_LEAVES:
        raise Unsupported(f"a tree has {most} leaves, at most {MOST_LEAVES} are taken")
    trees = np.zeros(len(model.leaves), TREE)
    trees["inner"] = model.leaves - 1
    trees["values"] = np.cumsum(model.leaves) - model.leaves
    sizes = 2 * model.leaves - 1
    trees["nodes"] = np.cumsum(sizes) - sizes
    columns, column, k = columns_of(model)
    nodes = np.zeros(int(sizes.sum()), NODE)
    _leaves(trees, nodes)
    trees["depth"] = _inner(model, trees, nodes, column, k)
    return Layout(columns, trees, nodes, model.value)


def _counted(counts: Array) -> tuple[Array, Array]:
    """Of things that trees have so many of: each one's tree, and its number in the tree."""
    tree = np.repeat(np.arange(len(counts)), counts)
    return tree, np.arange(len(tree)) - (np.cumsum(counts) - counts)[tree]


def _leaves(trees: Array, nodes: Array) -> None:
    """Leaves lead to themselves."""
    tree, number = _counted(trees["inner"] + 1)
    number += trees["inner"][tree]
    place = trees["nodes"][tree] + number
    nodes["left"][place], nodes["right"][place], nodes["k"][place] = number, number, np.iinfo(np.int8).max


def _inner(
    model: Model, trees: Array, nodes: Array, column: npt.NDArray[np.uint16], k: npt.NDArray[np.int8]
) -> npt.NDArray[np.int64]:
    """Fill in the inner nodes. Returns the trees' depths."""
    tree, number = _counted(trees["inner"])
    inner = trees["inner"][tree]
    depths = tree_depths(model.leaves, model.left, model.right)
    children = [np.where(child < 0, inner + ~child, child) for child in (model.left, model.right)]
    # All nodes of a tree are gone through from the last to the root.
    if any((child <= number).any() for child in children):
        raise Unsupported("a tree's nodes are not in the order in which LightGBM numbers them")
    place = trees["nodes"][tree] + number
    nodes["column"][place], nodes["k"][place] = column, k
    nodes["left"][place], nodes["right"][place] = children
    return depths
