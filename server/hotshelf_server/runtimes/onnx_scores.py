"""onnxruntime as an engine of LightGBM models: the tree engine's trees as an ONNX graph."""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.errors import ModelFault
from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.booster import taken
from hotshelf_server.runtimes.engines.agreement import Agreement
from hotshelf_server.runtimes.trees import Trees, Unsupported
from hotshelf_server.runtimes.trees.as_onnx import ROWS, SUMS, onnx_of
from hotshelf_server.runtimes.trees.proof import hostile_rows

SINGLE_ROWS, ALL_ROWS = 16, 256
"""Of the proof: scored one by one, and as a batch."""


class Session(Protocol):
    """What is used of onnxruntime's ``InferenceSession``."""

    def run(self, names: Sequence[str], feed: Mapping[str, Array]) -> Sequence[Any]:
        """The outputs of these names."""
        ...


def open_here(content: bytes) -> Session:
    """A session of one thread. Raises `BadBundle`, and `Unsupported` where onnxruntime can't be imported."""
    try:
        # Here, since it takes 20 ms of the interpreter's lock and, with the first session, 30 MB that stay.
        from hotshelf_server.runtimes.onnx import open_session  # noqa: PLC0415 - see above
    except ImportError as error:
        raise Unsupported(f"onnxruntime can't be imported: {error}") from error

    session: Session = open_session(content, threads=1)
    return session


def installed() -> bool:
    """Whether there is an onnxruntime. It isn't imported."""
    return find_spec("onnxruntime") is not None


class OnnxScores:
    """Has a booster's methods, but computes only after `make_ready`. It uses one thread, whatever a call allows.

    onnxruntime gives the sums of the trees; they are converted by the tree engine, which finds leaves as well.
    """

    def __init__(self, trees: Trees, open_session: Callable[[bytes], Session] = open_here) -> None:
        self._trees = trees
        self._open_session = open_session
        self._session: Session | None = None

    def make_ready(self, tolerance: float | None) -> float | None:
        """Make a session, and prove it on rows that hit the model's thresholds and their neighbours.

        Returns the largest difference from the tree engine's answers, None where all are equal to the last bit. Raises
        `Unsupported` for trees that have no form in ONNX, and for answers beyond the tolerance, or that depend on the
        batch; `BadBundle` for what onnxruntime refuses.
        """
        if self._session is None:
            self._session = self._open_session(onnx_of(self._trees))
        agreement = self._proved(tolerance)
        if not agreement.holds:
            self._session = None
            raise Unsupported(f"its answers differ by up to {agreement.difference:.3g}, or from batch to batch")
        return None if agreement.exact else agreement.difference

    def predict(
        self,
        rows: Array,
        *,
        raw: bool = False,
        threads: int = 1,  # noqa: ARG002 - as a booster's
    ) -> npt.NDArray[np.float64]:
        """As `Booster.predict`."""
        sums = self._sums(taken(rows, self._trees.features))
        scores = sums if raw else self._trees.converted(sums)
        return scores if self._trees.classes > 1 else scores[:, 0]

    def leaves(self, rows: Array, *, threads: int = 1) -> npt.NDArray[np.int32]:  # noqa: ARG002 - as a booster's
        """As `Booster.leaves`."""
        return self._trees.leaf_index(taken(rows, self._trees.features))

    def _sums(self, rows: Array) -> npt.NDArray[np.float64]:
        """[n, classes]"""
        if self._session is None:
            raise Unsupported("it wasn't made ready")
        if not len(rows):
            return np.empty((0, self._trees.classes))
        try:
            (sums,) = self._session.run([SUMS], {ROWS: rows.astype(np.float64, copy=False)})
        except Exception as error:  # onnxruntime raises classes that it doesn't export
            raise ModelFault(f"onnxruntime failed on {len(rows)} rows: {error}") from error
        found: npt.NDArray[np.float64] = np.ascontiguousarray(sums)
        return found

    def _proved(self, tolerance: float | None) -> Agreement:
        rows = hostile_rows(self._trees.columns, self._trees.features, ALL_ROWS)
        singly = [self._sums(row) for row in rows[:SINGLE_ROWS, None]]
        agreement = Agreement(tolerance)
        for sums in (np.concatenate(singly), self._sums(rows)):
            some = rows[: len(sums)]
            agreement.compare(
                {"sums": sums, "predictions": self._trees.converted(sums)},
                {"sums": self._trees.raw_scores(some), "predictions": self._trees.predictions(some)},
            )
        return agreement
