"""Trees of a LightGBM model text as their lines, some at a time.

Source: ``Tree::Tree(const char*, size_t*)`` in LightGBM's ``src/io/tree.cpp``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.trees.errors import Broken

NEEDED = frozenset(
    {
        "num_leaves", "num_cat", "split_feature", "threshold", "decision_type", "left_child", "right_child",
        "leaf_value",
    }
)  # fmt: skip
SETS = frozenset({"cat_boundaries", "cat_threshold"})
LINEAR = frozenset({"leaf_const", "num_features", "leaf_features", "leaf_coeff"})
KNOWN = NEEDED | SETS | LINEAR | {
    "split_gain", "leaf_weight", "leaf_count", "internal_value", "internal_weight", "internal_count", "is_linear",
    "shrinkage",
}  # fmt: skip
"""All keys of a tree: 22, and LightGBM reads no more lines than that."""

GROUP_BYTES = 1 << 20
"""Of text that is taken apart at a time, so that a large one isn't in memory several times."""


@dataclass(frozen=True, slots=True)
class Group:
    """Some trees in a row. ``first``: the number of the first one."""

    first: int
    trees: Sequence[Mapping[str, bytes]]

    def lines(self, key: str) -> Sequence[bytes]:
        """Of each tree, what it says of a key; nothing where it doesn't say it."""
        return [tree.get(key, b"") for tree in self.trees]

    def has(self, key: str) -> npt.NDArray[np.bool_]:
        """[trees] which say it."""
        return np.array([key in tree for tree in self.trees])


def groups(text: bytes, places: npt.NDArray[np.int64]) -> Iterator[Group]:
    """All trees. Raises `Broken` for one with other lines than LightGBM writes."""
    bounds = np.unique([0, *np.flatnonzero(np.diff(places // GROUP_BYTES)) + 1, len(places) - 1])
    for first, after in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        cuts = places[first : after + 1].tolist()
        yield Group(first, [_lines(first + i, text[cuts[i] : cuts[i + 1]]) for i in range(after - first)])


def _lines(number: int, part: bytes) -> Mapping[str, bytes]:
    said, blank, rest = part.partition(b"\n\n")
    if not blank or rest.strip(b"\n"):
        raise Broken(f"tree {number}: expected one block of lines, and an empty line behind it")
    title, *lines = said.split(b"\n")
    if title != b"Tree=%d" % number:
        raise Broken(f"tree {number} begins with {title[:40]!r}, expected 'Tree={number}'")
    pairs: dict[str, bytes] = {}
    for line in lines:
        key, equals, value = line.partition(b"=")
        name = key.decode(errors="replace")
        if not equals or name not in KNOWN:
            raise Broken(f"tree {number} has a line {line[:40]!r}, expected a key of LightGBM's and '='")
        if name in pairs:
            raise Broken(f"tree {number} says {name} twice, expected once")
        pairs[name] = value
    if missing := NEEDED - pairs.keys():
        raise Broken(f"tree {number} doesn't say {', '.join(sorted(missing))}")
    return pairs
