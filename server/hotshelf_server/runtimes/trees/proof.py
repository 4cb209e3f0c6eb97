"""Holds the engine to LightGBM's answers before it serves a model: on rows chosen to tell the two apart."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.trees.columns import Columns
from hotshelf_server.runtimes.trees.engine import Trees
from hotshelf_server.runtimes.trees.errors import Unsupported
from hotshelf_server.runtimes.trees.text import ZERO

MOST_ROWS, FEWEST_ROWS = 4096, 256
WORK = 500_000
"""Rows times trees that a proof asks of LightGBM at most: some 0.1 s."""

SEVERAL = 2
"""Rows for which the engine walks; more make blocks."""

GOLDEN, MASK = np.uint64(2654435761), np.uint64(0xFFFFFFFF)
"""A prime near 2**32 over the golden ratio, and the bits that are kept."""

HOSTILE = np.array(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, 1.7e308, -1.7e308]
    + [sign * np.nextafter(ZERO, to) for sign in (1.0, -1.0) for to in (0.0, ZERO, 1.0)]
    + [-0.5, -1.0, -2.0, 0.5, 2.0**31 - 1, 2.0**31, -(2.0**31), 2.0**32, 2.0**63]
)
"""Values at the edges of what a number, a missing value and a category are."""


class Reference(Protocol):
    """LightGBM's own engine, as `hotshelf_server.runtimes.booster.Booster` is it."""

    def predict(self, rows: Array, *, raw: bool = False, threads: int = 1) -> npt.NDArray[np.float64]:
        """[n], or [n, classes]."""

    def leaves(self, rows: Array, *, threads: int = 1) -> npt.NDArray[np.int32]:
        """[n, trees]."""


def hostile_rows(columns: Columns, features: int, count: int) -> npt.NDArray[np.float64]:
    """[count, features] each feature's thresholds, their next neighbours, its categories, and `HOSTILE` values.

    Each feature goes through all of its own in an order of its own, and then begins anew: the same rows every time.
    """
    rows = np.empty((count, features))
    for feature, pool in enumerate(_pools(columns, features)):
        rows[:, feature] = np.resize(pool[_shuffled(len(pool), feature)], count)
    return rows


class _Answers(NamedTuple):
    what: str
    found: Array
    expected: Array


Compute = Callable[[Callable[[], list[_Answers]]], list[_Answers]]


def at_once(work: Callable[[], list[_Answers]]) -> list[_Answers]:
    """Compute here and now."""
    return work()


def prove(trees: Trees, reference: Reference, compute: Compute = at_once) -> None:
    """Raise `Unsupported` for the first kind of answer that isn't LightGBM's to the last bit.

    ``compute`` may run what it is given on another thread: nearly all of that is done in the two libraries, without the
    interpreter's lock.
    """
    count = min(MOST_ROWS, max(FEWEST_ROWS, WORK // max(trees.trees, 1)))
    rows = hostile_rows(trees.columns, trees.features, count)
    some = rows[:FEWEST_ROWS]
    few = rows[:SEVERAL]
    with np.errstate(over="ignore"):
        single = some.astype(np.float32)
    for answers in compute(
        lambda: [
            _Answers("raw scores", trees.raw_scores(rows), reference.predict(rows, raw=True)),
            _Answers("raw scores of float32", trees.raw_scores(single), reference.predict(single, raw=True)),
            _Answers("raw scores of few rows", trees.raw_scores(few), reference.predict(few, raw=True)),
            _Answers("predictions", trees.predictions(some), reference.predict(some)),
            _Answers("leaves", trees.leaf_index(some), reference.leaves(some)),
        ]
    ):
        _compare(*answers)


def _compare(what: str, found: Array, expected: Array) -> None:
    if found.dtype != expected.dtype or found.tobytes() != expected.tobytes():
        differ = int(
            (found.view(f"u{found.itemsize}") != expected.reshape(found.shape).view(f"u{found.itemsize}")).sum()
        )
        raise Unsupported(f"{what} are not LightGBM's: {differ} of {found.size} differ")


def _shuffled(count: int, seed: int) -> npt.NDArray[np.intp]:
    """Places in an order without order: multiplicative hashing (Knuth 1998, 6.4). numpy's generators cost megabytes."""
    return np.argsort(
        (np.arange(1, count + 1, dtype=np.uint64) * np.uint64(2 * seed + 1) * GOLDEN) & MASK, kind="stable"
    )


def _pools(columns: Columns, features: int) -> list[Array]:
    pools: list[list[Array]] = [[HOSTILE] for _ in range(features)]
    for group in columns.groups:
        own = columns.thresholds[group["thresholds"] :][: group["count"]]
        pools[group["feature"]] += [own, np.nextafter(own, -np.inf), np.nextafter(own, np.inf)]
    for categories in columns.categories:
        pools[categories["feature"]].append(np.arange(-2.0, min(32.0 * categories["words"] + 2, MOST_ROWS)))
    return [np.unique(np.concatenate(pool)) for pool in pools]
