"""From a model's trees to the flat arrays that the library reads (``native/trees.h``)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.trees.columns import Columns, columns_of
from hotshelf_server.runtimes.trees.errors import Broken, Unsupported
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
    """Raises `Unsupported` for trees that are none, or too large."""
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
    children = [np.where(child < 0, inner + ~child, child) for child in (model.left, model.right)]
    # Where children are behind their parents, and each place but the roots' is named once, it is trees that hold all.
    if any(((child < 0) | (child > 2 * inner)).any() for child in children):
        raise Broken("a node leads to a node or leaf that its tree hasn't")
    named = np.bincount(np.concatenate([trees["nodes"][tree] + child for child in children]), minlength=len(nodes))
    if (named > 1).any() or named[trees["nodes"][trees["inner"] > 0]].any():
        raise Broken("several nodes lead to the same one, or some to the root")
    if any((child <= number).any() for child in children):
        raise Unsupported("a tree's nodes are not in the order in which LightGBM numbers them")
    place = trees["nodes"][tree] + number
    nodes["column"][place], nodes["k"][place] = column, k
    nodes["left"][place], nodes["right"][place] = children
    return _depths(trees, tree, children)


def _depths(trees: Array, tree: Array, children: list[Array]) -> npt.NDArray[np.int64]:
    """Of each tree, how many inner nodes lie on its longest way, found level by level in all trees at once."""
    depths = np.zeros(len(trees), np.int64)
    first = np.cumsum(trees["inner"]) - trees["inner"]
    level = first[trees["inner"] > 0]
    while len(level):
        depths[tree[level]] += 1
        level = np.concatenate([first[tree[level]] + child[level] for child in children])[
            np.concatenate([child[level] < trees["inner"][tree[level]] for child in children])
        ]
    return depths
