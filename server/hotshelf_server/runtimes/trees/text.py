"""Reads what scoring needs from LightGBM's model text (version v4, and v3, which differs in nothing read here).

Source: LightGBM's ``src/io/tree.cpp`` and ``src/boosting/gbdt_model_text.cpp``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.trees.errors import Unsupported

VERSIONS = ("v3", "v4")
KNOWN = {
    "version", "num_class", "num_tree_per_iteration", "label_index", "max_feature_idx", "objective", "average_output",
    "feature_names", "monotone_constraints", "feature_infos", "tree_sizes",
}  # fmt: skip
"""Keys of the head. Another one may change what the trees mean."""

MOST_WHOLE = 1 << 32

START, END = b"\nTree=", b"\nend of trees"


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree as the text has it. Children: an inner node's number, or ``~leaf``."""

    feature: npt.NDArray[np.int64]
    threshold: npt.NDArray[np.float64]
    decision: npt.NDArray[np.int64]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    sets: tuple[npt.NDArray[np.uint32], ...]
    """Of categories that go left, as bits; a categorical node's threshold is a place here."""


@dataclass(frozen=True, slots=True)
class Model:
    """A whole model. ``objective``: its words, none where scores stay raw."""

    features: int
    classes: int
    objective: tuple[str, ...]
    averaged: bool
    trees: tuple[Tree, ...]


def read(text: bytes) -> Model:
    """Raises `Unsupported` for what isn't known here."""
    end = text.find(END)
    start = text.find(START)
    if end < 0 or start < 0 or start > end:
        raise Unsupported("the text has no trees")
    head = _pairs(text[:start])
    if unknown := head.keys() - KNOWN - {"tree"}:
        raise Unsupported(f"the text says {', '.join(sorted(unknown))}, which is not known here")
    if head.get("version") not in VERSIONS:
        raise Unsupported(f"version {head.get('version')!r}, known are {', '.join(VERSIONS)}")
    classes = _number(head, "num_tree_per_iteration")
    trees = tuple(_tree(_pairs(part)) for part in text[start + len(START) : end].split(START))
    if classes < 1 or len(trees) % classes:
        raise Unsupported(f"{len(trees)} trees, expected a multiple of {classes}")
    return Model(
        _number(head, "max_feature_idx") + 1,
        classes,
        tuple(head.get("objective", "").split()),
        "average_output" in head,
        trees,
    )


def _pairs(part: bytes) -> dict[str, str]:
    lines = (line.partition("=") for line in part.decode(errors="replace").split("\n") if line)
    return {key: value for key, _, value in lines}


def _number(pairs: Mapping[str, str], key: str) -> int:
    try:
        return int(pairs[key])
    except (KeyError, ValueError) as error:
        raise Unsupported(f"{key} is {pairs.get(key)!r}, expected a whole number") from error


def _tree(pairs: Mapping[str, str]) -> Tree:
    if pairs.get("is_linear", "0") != "0":
        raise Unsupported("its trees are linear")
    leaves = _number(pairs, "num_leaves")
    inner = leaves - 1
    return Tree(
        _whole(pairs, "split_feature", inner),
        _numbers(pairs, "threshold", inner),
        _whole(pairs, "decision_type", inner),
        _whole(pairs, "left_child", inner),
        _whole(pairs, "right_child", inner),
        _numbers(pairs, "leaf_value", leaves),
        _sets(pairs),
    )


def _sets(pairs: Mapping[str, str]) -> tuple[npt.NDArray[np.uint32], ...]:
    count = _number(pairs, "num_cat")
    if not count:
        return ()
    bounds = _whole(pairs, "cat_boundaries", count + 1)
    words = _whole(pairs, "cat_threshold", int(bounds[-1]))
    if bounds[0] != 0 or (np.diff(bounds) < 1).any() or (words < 0).any() or (words >= 1 << 32).any():
        raise Unsupported("a tree's sets of categories don't fit together")
    return tuple(np.split(words.astype(np.uint32), bounds[1:-1]))


def _whole(pairs: Mapping[str, str], key: str, count: int) -> npt.NDArray[np.int64]:
    numbers = _numbers(pairs, key, count)
    if (np.abs(numbers) > MOST_WHOLE).any() or (numbers % 1).any():
        raise Unsupported(f"{key} holds what is no whole number, or a large one")
    whole: npt.NDArray[np.int64] = numbers.astype(np.int64)
    return whole


def _numbers(pairs: Mapping[str, str], key: str, count: int) -> npt.NDArray[np.float64]:
    words = pairs.get(key, "").split()
    try:
        numbers: Array = np.array(list(map(float, words)), np.float64)
    except ValueError as error:
        raise Unsupported(f"{key} holds what is no number: {error}") from error
    if len(numbers) != count or np.isnan(numbers).any():
        raise Unsupported(f"{key} has {len(numbers)} numbers, expected {count}, and none of them NaN")
    return numbers
