"""The sets of categories by which nodes split."""

import numpy as np

from hotshelf_server.runtimes.texts.group import SETS, Group
from hotshelf_server.runtimes.texts.numbers import Ints, reals, whole
from hotshelf_server.runtimes.trees.errors import Broken
from hotshelf_server.runtimes.trees.shape import fail, tree_of

MOST_WORD = (1 << 32) - 1
"""32 bits, each for a category."""

CATEGORICAL = 1
"""The bit of a decision by a set."""


def check_sets(group: Group, leaves: Ints, decision: Ints) -> None:
    """Each tree's sets lie within its words, and each categorical node names one. Raises `Broken`."""
    sets = whole("num_cat", group.lines("num_cat"), np.ones_like(leaves), group.first)
    for number, (tree, count) in enumerate(zip(group.trees, sets.tolist(), strict=True), group.first):
        if count < 0 or SETS & tree.keys() != (SETS if count else set()):
            raise Broken(f"tree {number}: num_cat is {count}, expected {', '.join(sorted(SETS))} where it isn't 0")
    if sets.any():
        _check_words(group, sets)
    nodes = np.flatnonzero(decision & CATEGORICAL)
    if nodes.size:
        _check_named(group, leaves, nodes, sets)


def _check_words(group: Group, sets: Ints) -> None:
    counts = np.where(sets > 0, sets + 1, 0)
    bounds = whole("cat_boundaries", group.lines("cat_boundaries"), counts, group.first)
    last = np.cumsum(counts)[sets > 0] - 1
    steps = np.diff(bounds, prepend=0)
    steps[0], steps[last[:-1] + 1] = bounds[0], 0
    firsts = bounds[np.concatenate([[0], last[:-1] + 1])]
    wrong = np.flatnonzero(steps < 0)
    if wrong.size or firsts.any():
        found = tree_of(counts, int(wrong[0])) if wrong.size else np.flatnonzero(sets)[np.flatnonzero(firsts)[0]]
        raise Broken(f"tree {group.first + found}: cat_boundaries falls, or begins otherwise than with 0")
    words = np.zeros(len(sets), np.int64)
    words[sets > 0] = bounds[last]
    found_words = whole("cat_threshold", group.lines("cat_threshold"), words, group.first, MOST_WORD)
    negative = np.flatnonzero(found_words < 0)
    if negative.size:
        number = group.first + tree_of(words, int(negative[0]))
        raise Broken(f"tree {number}: cat_threshold holds a negative number, expected 0 to {MOST_WORD}")


def _check_named(group: Group, leaves: Ints, nodes: Ints, sets: Ints) -> None:
    named = reals("threshold", group.lines("threshold"), leaves - 1, group.first)[nodes]
    there = np.repeat(sets, leaves - 1)[nodes]
    wrong = np.flatnonzero(~((named >= 0) & (named < there) & (named % 1 == 0)))  # so that NaN is wrong
    if wrong.size:
        what = f"splits by set {named[wrong[0]]:g} of categories, expected one of {there[wrong[0]]}: 0 and on"
        fail(leaves, int(nodes[wrong[0]]), what, group.first)
