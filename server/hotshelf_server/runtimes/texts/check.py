"""One check of a LightGBM model text, before LightGBM reads it.

LightGBM trusts its text: it follows children, features and sets of categories wherever they lead, beyond its memory or
round and round, and ends the whole process over a number that is none. What this check lets through has only what
LightGBM's own writer writes, and no place in it leads outside of what it says to have. The texts of version 4 pass, and
of version 3.

Source: LightGBM's ``src/boosting/gbdt_model_text.cpp``, ``src/io/tree.cpp`` and ``include/LightGBM/tree.h``.
"""

import numpy as np

from hotshelf_server.runtimes.texts.group import Group, groups
from hotshelf_server.runtimes.texts.head import Said, read_head
from hotshelf_server.runtimes.texts.leaves import check_linear_leaves, linear_trees
from hotshelf_server.runtimes.texts.numbers import Ints, check_reals, whole
from hotshelf_server.runtimes.texts.sets import check_sets
from hotshelf_server.runtimes.trees.cut import tree_places
from hotshelf_server.runtimes.trees.errors import Broken
from hotshelf_server.runtimes.trees.shape import check_features, fail, tree_depths

MOST_DECISION = 11
"""A bit for categories, one for the default way, and two for one of three kinds of missing values."""

MOST_DEPTH = 2048
"""Inner nodes on a way. LightGBM explains a tree (SHAP) by a recursion as deep, and in memory by the depth's square:
64 MiB for this one. Trees that it grows from real data are some tens of nodes deep."""


def check_text(text: bytes) -> Said:
    """What the text says of the whole model. Raises `Broken`, which names the tree, the key and what was expected."""
    if b"\0" in text:
        raise Broken("the text has a byte 0, where LightGBM takes it to end")
    places = tree_places(text)
    said = read_head(text[: places[0]], places)
    for group in groups(text, places):
        _check_group(group, said.features)
    return said


def _check_group(group: Group, features: int) -> None:
    each = np.ones(len(group.trees), np.int64)
    leaves = whole("num_leaves", group.lines("num_leaves"), each, group.first)
    if (leaves < 1).any():
        number = np.flatnonzero(leaves < 1)[0]
        raise Broken(f"tree {group.first + number}: num_leaves is {leaves[number]}, expected at least 1")
    linear = linear_trees(group)
    decision = _check_nodes(group, leaves, features)
    check_sets(group, leaves, decision)
    check_linear_leaves(group, leaves * linear, features)
    check_reals("leaf_value", group.lines("leaf_value"), leaves, group.first)
    check_reals("shrinkage", group.lines("shrinkage"), group.has("shrinkage").astype(np.int64), group.first)
    _check_statistics(group, leaves, linear)


def _check_nodes(group: Group, leaves: Ints, features: int) -> Ints:
    """Check the inner nodes, and return how they decide."""
    inner = leaves - 1
    feature, decision, left, right = (
        whole(key, group.lines(key), inner, group.first)
        for key in ("split_feature", "decision_type", "left_child", "right_child")
    )
    check_reals("threshold", group.lines("threshold"), inner, group.first)
    check_features(leaves, feature, features, group.first)
    wrong = np.flatnonzero((decision < 0) | (decision > MOST_DECISION))
    if wrong.size:
        found = decision[wrong[0]]
        fail(leaves, int(wrong[0]), f"has decision_type {found}, expected 0 to {MOST_DECISION}", group.first)
    tree_depths(leaves, left, right, group.first, MOST_DEPTH)
    return decision


def _check_statistics(group: Group, leaves: Ints, linear: Ints) -> None:
    """How the trees were trained; each key may be left out, and trees of one leaf say less."""
    unread = (leaves == 1) & (linear == 0)
    for key, check, counts in (
        ("split_gain", check_reals, leaves - 1),
        ("internal_value", check_reals, leaves - 1),
        ("internal_weight", check_reals, leaves - 1),
        ("internal_count", whole, leaves - 1),
        ("leaf_weight", check_reals, leaves),
        ("leaf_count", whole, leaves),
    ):
        lines = group.lines(key)
        empty = unread & np.array([not line for line in lines])
        check(key, lines, np.where(group.has(key) & ~empty, counts, 0), group.first)
