"""Whether what is said of nodes makes trees, in which a walk from a root ends in a leaf, whatever the row."""

import sys
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.trees.errors import Broken

Ints = npt.NDArray[np.int64]


def tree_depths(leaves: Ints, left: Ints, right: Ints, first: int = 0, most: int = sys.maxsize) -> Ints:
    """[trees] how many inner nodes lie on each one's longest way.

    ``leaves``: [trees], at least 1. ``left``, ``right``: where the inner nodes of all trees lead, tree by tree: to an
    inner node's number in its tree, or to ``~leaf``. ``first``: the number of the first tree. ``most``: of nodes on a
    way.

    Raises `Broken` unless from node 0 of each tree each node and each leaf is reached, and by one way, and for longer
    ways.
    """
    tree = np.repeat(np.arange(len(leaves)), leaves - 1)
    _check_children(leaves, tree, (left, right), first)
    _check_named_once(leaves, tree, (left, right), first)
    depths, reached = _levels(leaves - 1, tree, (left, right), most)
    wrong = np.flatnonzero(reached < leaves - 1)
    if wrong.size:
        found = wrong[0]
        if depths[found] >= most:
            raise Broken(f"tree {first + found} is deeper than {most} nodes, which are the most that are taken")
        what = f"{reached[found]} nodes are reached from node 0, expected all {leaves[found] - 1}"
        raise Broken(f"tree {first + found}: {what}")
    return depths


def check_features(leaves: Ints, feature: Ints, features: int, first: int = 0) -> None:
    """Raises `Broken` where an inner node's feature isn't one of so many."""
    wrong = np.flatnonzero((feature < 0) | (feature >= features))
    if wrong.size:
        fail(leaves, int(wrong[0]), f"splits by feature {feature[wrong[0]]}, expected 0 to {features - 1}", first)


def fail(leaves: Ints, place: int, what: str, first: int = 0) -> NoReturn:
    """Raise `Broken` about an inner node, by its place among those of all trees."""
    inner = leaves - 1
    tree = tree_of(inner, place)
    raise Broken(f"tree {first + tree}: node {place - inner[:tree].sum()} {what}")


def tree_of(counts: Ints, place: int) -> int:
    """The tree to which what lies at a place belongs, where each tree has so many in a row."""
    return int(np.searchsorted(np.cumsum(counts), place, side="right"))


def _check_children(leaves: Ints, tree: Ints, children: tuple[Ints, Ints], first: int) -> None:
    for child in children:
        wrong = np.flatnonzero((child < -leaves[tree]) | (child >= leaves[tree] - 1))
        if wrong.size:
            most = int(leaves[tree[wrong[0]]])
            expected = f"a node up to {most - 2} or a leaf down to {-most}"
            fail(leaves, int(wrong[0]), f"leads to {child[wrong[0]]}, expected {expected}", first)


def _check_named_once(leaves: Ints, tree: Ints, children: tuple[Ints, Ints], first: int) -> None:
    """As many are named as there are but the roots: where none is named twice, and no root, each is named."""
    sizes = 2 * leaves - 1
    start = np.cumsum(sizes) - sizes
    named = [start[tree] + np.where(child < 0, (leaves - 1)[tree] + ~child, child) for child in children]
    times = np.bincount(np.concatenate(named), minlength=int(sizes.sum()))
    wrong = np.flatnonzero(times > 1)
    roots = start[(leaves > 1) & (times[start] > 0)]
    if wrong.size or roots.size:
        place = int(wrong[0] if wrong.size else roots[0])
        found = int(np.searchsorted(start, place, side="right")) - 1
        number, inner = place - int(start[found]), int(leaves[found]) - 1
        name = f"node {number}" if number < inner else f"leaf {inner - number - 1}"
        raise Broken(f"tree {first + found}: {name} is a child {times[place]} times, expected {int(number > 0)}")


def _levels(inner: Ints, tree: Ints, children: tuple[Ints, Ints], most: int) -> tuple[Ints, Ints]:
    """Depths, and how many nodes were reached, level by level in all trees at once, no further than ``most``.

    It ends, since no node is named twice.
    """
    depths = np.zeros(len(inner), np.int64)
    reached = np.zeros(len(inner), np.int64)
    start = np.cumsum(inner) - inner
    level = start[inner > 0]
    while level.size and depths.max() < most:
        here = tree[level]
        reached += np.bincount(here, minlength=len(inner))
        depths[here] += 1
        level = np.concatenate([(start[here] + child[level])[child[level] >= 0] for child in children])
    return depths, reached
