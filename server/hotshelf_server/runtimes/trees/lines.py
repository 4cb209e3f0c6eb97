"""Numbers of one key in the text of all trees, read by the library."""

import ctypes
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.trees.errors import Unsupported

MOST_WHOLE = (1 << 32) - 1
"""Of whole numbers; a word of a set of categories may have all of its 32 bits."""


def read_numbers(
    library: ctypes.CDLL, key: str, trees: Sequence[Mapping[str, bytes]], counts: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Those of all trees in a row, so many of each tree. A tree without the key has none.

    Raises `Unsupported` for what is no number, for NaN, and for other counts.
    """
    text = b"\n".join(tree.get(key, b"") for tree in trees)
    numbers = np.empty(text.count(b" ") + len(trees))
    found = np.zeros(len(trees), np.int64)
    total = library.hs_trees_numbers(text, len(trees), numbers.ctypes.data, len(numbers), found.ctypes.data)
    if total < 0:
        raise Unsupported(f"{key} holds what is no number")
    if (wrong := np.flatnonzero(found != counts)).size:
        raise Unsupported(f"{key} of tree {wrong[0]} has {found[wrong[0]]} numbers, expected {counts[wrong[0]]}")
    if np.isnan(numbers[:total]).any():
        raise Unsupported(f"{key} holds NaN")
    return numbers[:total].copy()


def read_whole(
    library: ctypes.CDLL, key: str, trees: Sequence[Mapping[str, bytes]], counts: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The same for whole numbers."""
    numbers = read_numbers(library, key, trees, counts)
    if (np.abs(numbers) > MOST_WHOLE).any() or (numbers % 1).any():
        raise Unsupported(f"{key} holds what is no whole number, or a large one")
    return numbers.astype(np.int64)
