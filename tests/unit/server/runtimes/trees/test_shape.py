"""Nodes are taken where they make trees, and nowhere else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_server.runtimes.trees.errors import Broken
from hotshelf_server.runtimes.trees.shape import check_features, tree_depths

Tree = tuple[list[int], list[int]]
"""Left and right children."""


@st.composite
def grown(draw: st.DrawFn) -> Tree:
    """A tree as LightGBM grows it: a leaf becomes a node with two leaves."""
    children: tuple[list[int], list[int]] = ([], [])
    for node in range(draw(st.integers(0, 12))):
        leaf = draw(st.integers(0, node))
        for side in children:
            side[:] = [node if child == ~leaf else child for child in side]
        children[0].append(~leaf)
        children[1].append(~(node + 1))
    return children


@st.composite
def made_up(draw: st.DrawFn) -> Tree:
    inner = draw(st.integers(0, 4))
    child = st.lists(st.integers(-inner - 2, inner), min_size=inner, max_size=inner)
    return draw(child), draw(child)


def depth_of(tree: Tree) -> tuple[int, list[int]]:
    """How deep it is, and what is reached, leaves as they are named. Fails where a way leads nowhere or on for ever."""
    inner = len(tree[0])
    depth, reached = 0, [0 if inner else -1]
    level = [0] if inner else []
    while level:
        depth += 1
        children = [side[node] for node in level for side in tree]
        reached += children
        assert len(reached) <= 2 * inner + 1
        assert all(-inner - 1 <= child < inner for child in children)
        level = [child for child in children if child >= 0]
    return depth, reached


def found(trees: list[Tree]) -> list[int]:
    leaves = np.array([len(left) + 1 for left, _ in trees])
    left, right = (np.array([child for tree in trees for child in tree[side]], np.int64) for side in (0, 1))
    return [int(depth) for depth in tree_depths(leaves, left, right)]


@given(st.lists(grown(), min_size=1, max_size=4))
def test_trees_are_as_deep_as_their_longest_way(trees: list[Tree]) -> None:
    assert found(trees) == [depth_of(tree)[0] for tree in trees]


@given(st.lists(made_up() | grown(), min_size=1, max_size=3))
def test_what_is_taken_reaches_each_node_and_leaf_once(trees: list[Tree]) -> None:
    def is_tree(tree: Tree) -> bool:
        inner = len(tree[0])
        try:
            reached = depth_of(tree)[1]
        except AssertionError:
            return False
        return sorted(reached) == list(range(-inner - 1, inner))

    if all(map(is_tree, trees)):
        found(trees)
    else:
        with pytest.raises(Broken, match=r"tree \d.* expected"):
            found(trees)


def test_a_feature_is_told_by_its_tree_and_node() -> None:
    with pytest.raises(Broken, match="tree 12: node 1 splits by feature 3, expected 0 to 2"):
        check_features(np.array([2, 1, 3]), np.array([0, 2, 3]), 3, first=10)
