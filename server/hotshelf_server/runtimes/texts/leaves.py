"""What leaves of linear trees compute: a constant, and a sum over some features."""

import re
from collections.abc import Sequence

import numpy as np

from hotshelf_server.runtimes.texts.group import LINEAR, Group
from hotshelf_server.runtimes.texts.numbers import Ints, reals, whole
from hotshelf_server.runtimes.trees.errors import Broken
from hotshelf_server.runtimes.trees.shape import tree_of

EXACT = re.compile(rb"-?(?:0|inf)")
"""What is 0 or infinite, and not rounded to it."""


def linear_trees(group: Group) -> Ints:
    """[trees] 1 for a linear one, else 0. Raises `Broken` where a tree's keys are of the other kind."""
    linear = whole("is_linear", group.lines("is_linear"), group.has("is_linear").astype(np.int64), group.first)
    found = np.zeros(len(group.trees), np.int64)
    found[group.has("is_linear")] = linear
    for number, (tree, is_linear) in enumerate(zip(group.trees, found.tolist(), strict=True), group.first):
        if is_linear not in (0, 1):
            raise Broken(f"tree {number}: is_linear is {is_linear}, expected 0 or 1")
        if LINEAR & tree.keys() != (LINEAR if is_linear else set()):
            expected = "all of" if is_linear else "none of"
            raise Broken(f"tree {number}: is_linear is {is_linear}, expected {expected} {', '.join(sorted(LINEAR))}")
    return found


def check_linear_leaves(group: Group, leaves: Ints, features: int) -> None:
    """``leaves``: those of linear trees, 0 for others. Raises `Broken`."""
    _check_in_range("leaf_const", group.lines("leaf_const"), leaves, group.first)
    counts = whole("num_features", group.lines("num_features"), leaves, group.first)
    tree = np.repeat(np.arange(len(leaves)), leaves)
    if (counts < 0).any():
        raise Broken(f"tree {group.first + tree[counts < 0][0]}: num_features holds a negative number")
    terms = np.zeros(len(leaves), np.int64)
    np.add.at(terms, tree, counts)
    _check_in_range("leaf_coeff", _single_spaces(group, "leaf_coeff"), terms, group.first)
    feature = whole("leaf_features", _single_spaces(group, "leaf_features"), terms, group.first)
    wrong = np.flatnonzero((feature < 0) | (feature >= features))
    if wrong.size:
        number = group.first + tree_of(terms, int(wrong[0]))
        raise Broken(f"tree {number}: leaf_features holds {feature[wrong[0]]}, expected 0 to {features - 1}")


def _check_in_range(key: str, lines: Sequence[bytes], counts: Ints, first: int) -> None:
    """LightGBM reads these by C++'s ``stod``, which fails where a number is beyond what a double can be, and then ends
    the process."""
    numbers = reals(key, lines, counts, first)
    beyond = np.flatnonzero((np.abs(numbers) < np.finfo(np.float64).tiny) | np.isinf(numbers))
    words = b" ".join(filter(None, lines)).split(b" ") if beyond.size else []
    for place in beyond.tolist():
        if not EXACT.fullmatch(words[place]):
            tree = first + tree_of(counts, place)
            raise Broken(f"tree {tree}: {key} holds {words[place][:40]!r}, expected a number within a double's range")


def _single_spaces(group: Group, key: str) -> list[bytes]:
    """LightGBM ends each leaf's numbers with two spaces, or with one where there are none, and skips them all."""
    return [b" ".join(filter(None, line.split(b" "))) for line in group.lines(key)]
