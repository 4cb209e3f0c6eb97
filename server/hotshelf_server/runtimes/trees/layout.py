"""From a model's trees to the flat arrays that the library reads (``native/trees.h``)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.trees.columns import Columns, columns_of
from hotshelf_server.runtimes.trees.errors import Unsupported
from hotshelf_server.runtimes.trees.text import Model, Tree

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
    columns, column, k = columns_of(model)
    trees = np.zeros(len(model.trees), TREE)
    sizes = np.array([len(tree.value) for tree in model.trees])
    trees["inner"] = sizes - 1
    trees["values"] = np.cumsum(sizes) - sizes
    trees["nodes"] = np.cumsum(2 * sizes - 1) - (2 * sizes - 1)
    nodes = np.zeros(int((2 * sizes - 1).sum()), NODE)
    start = 0
    for number, tree in enumerate(model.trees):
        inner = len(tree.feature)
        place = trees[number]["nodes"]
        part = nodes[place : place + 2 * inner + 1]
        part["column"][:inner], part["k"][:inner] = column[start : start + inner], k[start : start + inner]
        trees[number]["depth"] = _link(tree, part)
        start += inner
    return Layout(columns, trees, nodes, np.concatenate([tree.value for tree in model.trees]))


def _link(tree: Tree, nodes: Array) -> int:
    """Fill in the children, and tell the depth."""
    inner = len(tree.feature)
    if inner >= MOST_LEAVES:
        raise Unsupported(f"a tree has {inner + 1} leaves, at most {MOST_LEAVES} are taken")
    left, right = (np.where(child < 0, inner + ~child, child) for child in (tree.left, tree.right))
    numbers = np.arange(inner)
    both = np.sort(np.concatenate([left, right]))
    # With each place named once, and children behind their parents, it is one tree that holds all nodes and leaves.
    if not (np.array_equal(both, np.arange(1, 2 * inner + 1)) and (left > numbers).all() and (right > numbers).all()):
        raise Unsupported("a tree's nodes are not in the order in which LightGBM numbers them")
    leaves = np.arange(inner, 2 * inner + 1)
    nodes["left"][:inner], nodes["right"][:inner] = left, right
    nodes["left"][inner:], nodes["right"][inner:] = leaves, leaves
    nodes["k"][inner:] = np.iinfo(np.int8).max
    return sum(1 for _ in _levels(left, right, inner))


def _levels(left: Array, right: Array, inner: int) -> Iterator[Array]:
    """The inner nodes, level by level."""
    level = np.arange(min(inner, 1))
    while len(level):
        yield level
        below = np.concatenate([left[level], right[level]])
        level = below[below < inner]
