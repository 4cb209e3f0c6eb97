"""Columns of ranks: each node's decision as one comparison, ``rank of its column > k`` meaning right.

Thresholds of a feature that treat missing values alike share a column, in ascending order, 255 to a column. Each set of
categories is a column: rank 0 where it holds the category, else 1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.trees.errors import Unsupported
from hotshelf_server.runtimes.trees.shape import check_features, fail
from hotshelf_server.runtimes.trees.text import Model

GROUP = np.dtype(
    [
        ("nan_to", "f8"), ("zero_to", "f8"), ("thresholds", "i8"), ("count", "i4"), ("feature", "i4"),
        ("column", "i4"), ("columns", "i4"),
    ]
)  # fmt: skip
CATEGORIES = np.dtype([("bits", "i8"), ("words", "i4"), ("feature", "i4"), ("column", "i4"), ("columns", "i4")])

RANKS = 255
LOWEST = -128
"""Rank 0, as the signed byte that it is kept in."""

MOST_COLUMNS = 1 << 16
MOST_CATEGORY = 1 << 20
"""Bits of a set. Sets of a feature are padded to the longest one."""
MOST_WORDS = 1 << 23
"""Of all sets, padded: 32 MiB. A text of a megabyte could ask for hundreds of times as much."""

CATEGORICAL, DEFAULT_LEFT = 1, 2
MISSING_NONE, MISSING_ZERO, MISSING_NAN = range(3)
LEFT, RIGHT = -np.inf, np.nan
"""What a missing value counts as, to go there: no threshold is less than the one, and NaN exceeds all of them."""

MISSING_TO = {
    0: (0.0, 0.0),
    1: (RIGHT, RIGHT),
    2: (LEFT, LEFT),
    3: (RIGHT, 0.0),
    4: (LEFT, 0.0),
}
"""Ways to treat missing values: what NaN and what zero count as. NaN is zero first where it isn't the missing value."""

Sets = Mapping[int, Mapping[bytes, list[int]]]
"""Of a feature, each set of categories once, as bits, and the nodes that ask for it."""


@dataclass(frozen=True, slots=True)
class Columns:
    """How ranks are found."""

    groups: Array
    thresholds: npt.NDArray[np.float64]
    categories: Array
    bits: npt.NDArray[np.uint32]
    count: int


def columns_of(model: Model) -> tuple[Columns, npt.NDArray[np.uint16], npt.NDArray[np.int8]]:
    """The columns, and of each inner node, tree by tree, its column and k. Raises `Unsupported`."""
    feature, threshold, decision = model.feature, model.threshold, model.decision
    missing = decision >> 2
    check_features(model.leaves, feature, model.features)
    if ((decision < 0) | (missing > MISSING_NAN)).any():
        raise Unsupported("a node decides in a way that is not known here")
    found = np.zeros(len(feature), np.int64), np.zeros(len(feature), np.int64)
    way = np.where(missing == MISSING_NONE, 0, 2 * missing - 1 + (decision & DEFAULT_LEFT > 0))
    numeric = np.flatnonzero(decision & CATEGORICAL == 0)
    groups, thresholds, count = _group(feature[numeric], way[numeric], threshold[numeric], numeric, found)
    categorical = np.flatnonzero(decision & CATEGORICAL)
    categories, bits, count = _categorise(_sets_of(model, categorical), found, count)
    if count > MOST_COLUMNS:
        raise Unsupported(f"{count} columns of ranks, at most {MOST_COLUMNS} are taken")
    columns = Columns(groups, thresholds, categories, bits, count)
    return columns, found[0].astype(np.uint16), (found[1] + LOWEST).astype(np.int8)


def _group(
    feature: Array, way: Array, threshold: Array, numeric: Array, found: tuple[Array, Array]
) -> tuple[Array, npt.NDArray[np.float64], int]:
    """Groups of thresholds; each node's column and k go to ``found``."""
    keys, member = np.unique(feature * len(MISSING_TO) + way, return_inverse=True)
    groups = np.zeros(len(keys), GROUP)
    parts = [np.zeros(0)]
    column = place = 0
    for number, key in enumerate(keys):
        nodes = np.flatnonzero(member == number)
        distinct, rank = np.unique(threshold[nodes], return_inverse=True)
        columns = -(-len(distinct) // RANKS)
        nan_to, zero_to = MISSING_TO[int(key) % len(MISSING_TO)]
        groups[number] = (nan_to, zero_to, place, len(distinct), key // len(MISSING_TO), column, columns)
        found[0][numeric[nodes]], found[1][numeric[nodes]] = column + rank // RANKS, rank % RANKS
        parts.append(distinct)
        place, column = place + len(distinct), column + columns
    return groups, np.concatenate(parts), column


def _categorise(sets: Sets, found: tuple[Array, Array], column: int) -> tuple[Array, npt.NDArray[np.uint32], int]:
    """Sets of categories, from a column on; each node's column goes to ``found``, its k is 0."""
    categories = np.zeros(len(sets), CATEGORIES)
    parts = [np.zeros(0, np.uint32)]
    place = 0
    for number, (feature, users) in enumerate(sorted(sets.items())):
        words = max(map(len, users)) // 4 + 1  # one more, so that the last bit is free
        if words * 32 > MOST_CATEGORY:
            raise Unsupported(f"categories up to {words * 32}, at most {MOST_CATEGORY} are taken")
        if place + words * len(users) > MOST_WORDS:
            raise Unsupported(f"the sets of categories take more than {4 * MOST_WORDS >> 20} MiB")
        categories[number] = (place, words, feature, column, len(users))
        for bits, nodes in users.items():
            parts.append(np.frombuffer(bits.ljust(4 * words, b"\0"), np.uint32))
            found[0][nodes] = column
            column += 1
        place += words * len(users)
    return categories, np.concatenate(parts), column


def _sets_of(model: Model, nodes: Array) -> Sets:
    sets: dict[int, dict[bytes, list[int]]] = {}
    for node, bits in zip(nodes, _bits(model, nodes), strict=True):
        sets.setdefault(int(model.feature[node]), {}).setdefault(bits, []).append(int(node))
    return sets


def _bits(model: Model, nodes: Array) -> Iterator[bytes]:
    """The set of each categorical node, without zeros at its end."""
    tree = np.repeat(np.arange(len(model.leaves)), model.leaves - 1)
    for node in nodes:
        sets = model.sets[tree[node]]
        place = model.threshold[node]
        if place not in range(len(sets)):
            what = f"splits by set {place:g} of categories, expected one of {len(sets)}: 0 and on"
            fail(model.leaves, int(node), what)
        words = sets[int(place)]
        used = np.flatnonzero(words)
        yield words[: used[-1] + 1 if len(used) else 0].tobytes()
