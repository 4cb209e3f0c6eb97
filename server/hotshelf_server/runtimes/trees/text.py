"""Reads what scoring needs from LightGBM's model text (version v4, and v3, which differs in nothing read here).

Source: LightGBM's ``src/io/tree.cpp`` and ``src/boosting/gbdt_model_text.cpp``.
"""

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.trees.cut import tree_places
from hotshelf_server.runtimes.trees.errors import Unsupported
from hotshelf_server.runtimes.trees.lines import read_numbers, read_whole

VERSIONS = ("v3", "v4")
KNOWN = {
    "tree", "version", "num_class", "num_tree_per_iteration", "label_index", "max_feature_idx", "objective",
    "average_output", "feature_names", "monotone_constraints", "feature_infos", "tree_sizes",
}  # fmt: skip
"""Keys of the head. Another one may change what the trees mean."""

NEEDED = {
    b"is_linear", b"num_leaves", b"num_cat", b"split_feature", b"threshold", b"decision_type", b"left_child",
    b"right_child", b"leaf_value", b"cat_boundaries", b"cat_threshold",
}  # fmt: skip
"""Keys of a tree. The others, half of the text, are about how it was trained."""

ZERO = float(np.float32(1e-35))
"""LightGBM takes what isn't further from zero for zero (``kZeroThreshold``)."""


@dataclass(frozen=True, slots=True)
class Model:
    """A whole model: the inner nodes of all trees, tree by tree, and so their leaves' values.

    ``leaves``: [trees], at least 1. ``left``, ``right``: an inner node's number in its tree, or ``~leaf``.
    ``sets``: of each tree, the sets of categories that go left, as bits; where a node asks for one, its threshold is
    the place.
    ``objective``: its words, none where scores stay raw.
    ``zero``: what isn't further from zero counts as zero.
    ``spread``: whether each tree speaks for all classes: ``value`` then holds all leaves' values for the first class,
    then all for the next. Else trees take turns, a class each.
    """

    features: int
    classes: int
    objective: tuple[str, ...]
    averaged: bool
    leaves: npt.NDArray[np.int64]
    feature: npt.NDArray[np.int64]
    threshold: npt.NDArray[np.float64]
    decision: npt.NDArray[np.int64]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    sets: tuple[tuple[npt.NDArray[np.uint32], ...], ...]
    zero: float = ZERO
    spread: bool = False


def read(library: ctypes.CDLL, text: bytes) -> Model:
    """Raises `Unsupported` for what isn't known here."""
    places = tree_places(text)
    head = _pairs(text[: places[0]])
    _check_head(head)
    trees = [_needed(text[start:after]) for start, after in pairwise(places.tolist())]
    if any(tree.get("is_linear", b"0") != b"0" for tree in trees):
        raise Unsupported("its trees are linear")
    classes = _number(head, "num_tree_per_iteration")
    if classes < 1 or len(trees) % classes:
        raise Unsupported(f"{len(trees)} trees, expected a multiple of {classes}")
    leaves = read_whole(library, "num_leaves", trees, np.ones(len(trees), np.int64))
    if (leaves < 1).any():
        raise Unsupported("a tree has no leaf")
    inner = leaves - 1
    return Model(
        _number(head, "max_feature_idx") + 1,
        classes,
        tuple(head.get("objective", b"").decode(errors="replace").split()),
        "average_output" in head,
        leaves,
        read_whole(library, "split_feature", trees, inner),
        read_numbers(library, "threshold", trees, inner),
        read_whole(library, "decision_type", trees, inner),
        read_whole(library, "left_child", trees, inner),
        read_whole(library, "right_child", trees, inner),
        read_numbers(library, "leaf_value", trees, leaves),
        _sets(library, trees),
    )


def _check_head(head: Mapping[str, bytes]) -> None:
    if unknown := head.keys() - KNOWN:
        raise Unsupported(f"the text says {', '.join(sorted(unknown))}, which is not known here")
    version = head.get("version", b"").decode(errors="replace")
    if version not in VERSIONS:
        raise Unsupported(f"version {version!r}, known are {', '.join(VERSIONS)}")


def _pairs(part: bytes) -> dict[str, bytes]:
    lines = (line.partition(b"=") for line in part.split(b"\n") if line)
    return {key.decode(errors="replace"): value for key, _, value in lines}


def _needed(part: bytes) -> dict[str, bytes]:
    lines = (line.partition(b"=") for line in part.split(b"\n"))
    return {key.decode(): value for key, _, value in lines if key in NEEDED}


def _number(pairs: Mapping[str, bytes], key: str) -> int:
    try:
        return int(pairs[key])
    except (KeyError, ValueError) as error:
        raise Unsupported(f"{key} is {pairs.get(key, b'')!r}, expected a whole number") from error


def _sets(library: ctypes.CDLL, trees: Sequence[Mapping[str, bytes]]) -> tuple[tuple[npt.NDArray[np.uint32], ...], ...]:
    counts = read_whole(library, "num_cat", trees, np.ones(len(trees), np.int64))
    if not counts.any():
        return ((),) * len(trees)
    ends = np.where(counts > 0, counts + 1, 0)
    bounds = np.split(read_whole(library, "cat_boundaries", trees, ends), np.cumsum(ends)[:-1])
    sizes = np.array([bound[-1] if len(bound) else 0 for bound in bounds])
    words = read_whole(library, "cat_threshold", trees, sizes)
    if any((np.diff(bound) < 1).any() or bound[:1].any() for bound in bounds) or (words < 0).any():
        raise Unsupported("a tree's sets of categories don't fit together")
    parts = np.split(words.astype(np.uint32), np.cumsum(sizes)[:-1])
    return tuple(
        tuple(np.split(part, bound[1:-1])) if len(bound) else () for part, bound in zip(parts, bounds, strict=True)
    )
