"""A forest that nobody trained: the same on every machine, of the shape that benchmarks use."""

import ctypes
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.trees import layout, library, text

TREES, LEAVES, FEATURES = 500, 63, 28
THRESHOLDS = 254
"""Of a feature, as many as LightGBM's bins have bounds."""

DEFAULT_LEFT_NAN = 10
"""A numeric decision whose missing value is NaN and goes left."""

ROWS = 512
ALIGNED = 64

POINTERS = ("groups", "thresholds", "categories", "bits", "trees", "nodes", "values")


@dataclass(frozen=True, slots=True)
class Forest:
    """``content`` is what the driver reads; its rows begin at ``rows_at``. ``rows``: [512, 28] float32."""

    content: bytes
    rows_at: int
    rows: npt.NDArray[np.float32]

    def save(self, file: Path) -> None:
        """For the driver."""
        file.write_bytes(self.content)


def grow() -> text.Model:
    """Trees that are split leaf by leaf, as LightGBM does, but wherever chance leads."""
    rng = np.random.default_rng(0)
    left, right = (np.concatenate(sides) for sides in zip(*(_tree(rng) for _ in range(TREES)), strict=True))
    nodes = len(left)
    bounds = np.sort(rng.normal(size=(FEATURES, THRESHOLDS)), axis=1)
    feature = rng.integers(0, FEATURES, nodes)
    return text.Model(
        features=FEATURES,
        classes=1,
        objective=(),
        averaged=False,
        leaves=np.full(TREES, LEAVES),
        feature=feature,
        threshold=bounds[feature, rng.integers(0, THRESHOLDS, nodes)],
        decision=np.full(nodes, DEFAULT_LEFT_NAN),
        left=left,
        right=right,
        value=rng.normal(size=TREES * LEAVES),
        sets=((),) * TREES,
    )


def forest() -> Forest:
    """With rows to score."""
    laid = layout.lay_out(grow())
    rows = np.random.default_rng(1).normal(size=(ROWS, FEATURES)).astype(np.float32)
    columns = laid.columns
    arrays: tuple[Array, ...] = (
        columns.groups, columns.thresholds, columns.categories, columns.bits, laid.trees, laid.nodes, laid.values, rows,
    )  # fmt: skip
    content, places = bytearray(_aligned(ctypes.sizeof(library.Model))), []
    for array in arrays:
        places.append(len(content))
        content += array.tobytes()
        content += bytes(_aligned(len(content)) - len(content))
    model = library.Model(
        **dict(zip(POINTERS, places, strict=False)),
        features=FEATURES,
        n_groups=len(columns.groups),
        n_categories=len(columns.categories),
        columns=columns.count,
        n_trees=TREES,
        classes=1,
        sigmoid=1.0,
        divisor=1.0,
    )
    content[: ctypes.sizeof(model)] = bytes(model)
    return Forest(bytes(content), places[-1], rows)


def _tree(rng: np.random.Generator) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Children of the inner nodes: each split makes one of the leaves a node, whose left leaf keeps its number."""
    left, right = np.zeros(LEAVES - 1, np.int64), np.zeros(LEAVES - 1, np.int64)
    hangs: list[tuple[npt.NDArray[np.int64], int]] = [(left, -1)]
    for node in range(LEAVES - 1):
        leaf = int(rng.integers(0, node + 1))
        side, parent = hangs[leaf]
        if parent >= 0:
            side[parent] = node
        left[node], right[node] = ~leaf, ~(node + 1)
        hangs[leaf] = left, node
        hangs.append((right, node))
    return left, right


def _aligned(size: int) -> int:
    return -(-size // ALIGNED) * ALIGNED
