"""The engines that score a booster's model."""

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.booster import Booster, taken
from hotshelf_server.runtimes.booster_row import PreparedRow
from hotshelf_server.runtimes.trees import Trees

TREES, ONNX, ROW, LIGHTGBM = "trees", "onnxruntime", "lightgbm-row", "lightgbm"


class Engine(Protocol):
    """What scores: `Booster`, or `TreeScores`."""

    def predict(self, rows: Array, *, raw: bool = False, threads: int = 1) -> npt.NDArray[np.float64]:
        """[n], or [n, outputs]."""
        ...

    def leaves(self, rows: Array, *, threads: int = 1) -> npt.NDArray[np.int32]:
        """[n, trees]."""
        ...


class TreeScores:
    """The tree engine with a booster's methods. It uses one thread, whatever a call allows."""

    def __init__(self, trees: Trees) -> None:
        self._trees = trees

    def predict(
        self,
        rows: Array,
        *,
        raw: bool = False,
        threads: int = 1,  # noqa: ARG002 - as a booster's
    ) -> npt.NDArray[np.float64]:
        """As `Booster.predict`."""
        rows = taken(rows, self._trees.features)
        scores = self._trees.raw_scores(rows) if raw else self._trees.predictions(rows)
        return scores if self._trees.classes > 1 else scores[:, 0]

    def leaves(self, rows: Array, *, threads: int = 1) -> npt.NDArray[np.int32]:  # noqa: ARG002 - as a booster's
        """As `Booster.leaves`."""
        return self._trees.leaf_index(taken(rows, self._trees.features))


class RowScores:
    """LightGBM, by its prepared call where there is one row."""

    def __init__(self, booster: Booster) -> None:
        self._booster = booster
        self._prepared: dict[tuple[np.dtype[Any], bool], PreparedRow] = {}

    def predict(self, rows: Array, *, raw: bool = False, threads: int = 1) -> npt.NDArray[np.float64]:
        """As `Booster.predict`."""
        if len(rows) != 1:
            return self._booster.predict(rows, raw=raw, threads=threads)
        rows = taken(rows, self._booster.features)
        found = self._prepared.get((rows.dtype, raw))
        if found is None:  # two threads may make one each, of which one stays
            found = self._prepared[rows.dtype, raw] = self._booster.prepared(rows.dtype, raw=raw)
        scores = found(rows)
        return scores if self._booster.outputs > 1 else scores[:, 0]

    def leaves(self, rows: Array, *, threads: int = 1) -> npt.NDArray[np.int32]:
        """As `Booster.leaves`."""
        return self._booster.leaves(rows, threads=threads)
