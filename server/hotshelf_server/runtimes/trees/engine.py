"""Scores rows by the compiled library. Source of the formulas and their order: LightGBM, but for what callers build."""

import ctypes

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.trees.address import address_of
from hotshelf_server.runtimes.trees.errors import Unsupported
from hotshelf_server.runtimes.trees.layout import Layout, lay_out
from hotshelf_server.runtimes.trees.library import Instructions, Model, available, functions, holding_lock, open_library
from hotshelf_server.runtimes.trees.objectives import transform_of
from hotshelf_server.runtimes.trees.text import Model as Ensemble
from hotshelf_server.runtimes.trees.text import read

RAW, LEAF, PREDICTION = range(3)
"""What is asked for, as ``native/trees.h`` has it."""


QUICK = 8192
"""Rows times `_work` up to which scoring keeps the interpreter's lock: some tens of microseconds, in which to give it
away and to wait for it again may cost a call more than it helps another."""

STEPS = 16
"""Nodes on a way from root to leaf that cost as much as all else of a tree. Deeper trees are more work."""


class Trees:
    """A model, ready to score. Thread-safe; uses one thread, without the interpreter's lock but for what is `QUICK`.

    Rows: [n, features], float32 or float64, C-contiguous; neither copied nor checked here beyond that.
    """

    def __init__(self, library: ctypes.CDLL, layout: Layout, model: Model, instructions: Instructions) -> None:
        self._score = library.hs_trees_score
        self._convert = library.hs_trees_convert
        self._score_quick = holding_lock(library).hs_trees_score
        self._address_of = address_of()
        self._single, self._double = np.dtype(np.float32), np.dtype(np.float64)
        self.layout = layout
        """The arrays that the library reads."""
        self._model = model
        self._address = ctypes.addressof(model)
        self.columns = layout.columns
        """How values become ranks."""
        self.features: int = model.features
        self.classes: int = model.classes
        self.trees: int = model.n_trees
        self.zero: float = model.zero
        """What isn't further from zero counts as zero."""
        self.spread: bool = model.stride > 0
        """Whether each tree speaks for all classes."""
        self._quick_rows = QUICK // _work(layout)
        self.instructions = instructions
        """The instruction set of blocks of rows."""

    def raw_scores(self, rows: Array) -> npt.NDArray[np.float64]:
        """[n, classes] the sums of the trees."""
        return self._ask(rows, RAW, np.empty((len(rows), self.classes)))

    def predictions(self, rows: Array) -> npt.NDArray[np.float64]:
        """[n, classes] on the objective's scale."""
        return self._ask(rows, PREDICTION, np.empty((len(rows), self.classes)))

    def converted(self, sums: Array) -> npt.NDArray[np.float64]:
        """[n, classes] on the objective's scale, of raw scores [n, classes] that were computed elsewhere."""
        if sums.dtype != self._double or sums.shape[1:] != (self.classes,) or not sums.flags.c_contiguous:
            raise ValueError(f"sums {sums.dtype} {list(sums.shape)}: expected float64 [-1, {self.classes}] in C order")
        output = np.empty((len(sums), self.classes))
        self._convert(self._address, self._address_of(sums), len(sums), self._address_of(output))
        return output

    def leaf_index(self, rows: Array) -> npt.NDArray[np.int32]:
        """[n, trees] each tree's leaf; trees iteration by iteration, classes within one."""
        return self._ask(rows, LEAF, np.empty((len(rows), self.trees), np.int32))

    def _ask(self, rows: Array, kind: int, output: Array) -> Array:
        single = rows.dtype == self._single
        if (
            not (single or rows.dtype == self._double)
            or rows.shape[1:] != (self.features,)
            or not rows.flags.c_contiguous
        ):
            raise ValueError(
                f"rows {rows.dtype} {list(rows.shape)}: expected float32 or float64 [-1, {self.features}] in C order"
            )
        n = len(rows)
        score = self._score_quick if n <= self._quick_rows else self._score
        if score(self._address, self._address_of(rows), n, single, self.instructions, kind, self._address_of(output)):
            raise MemoryError(f"no memory to score {n} rows")
        return output


def _work(layout: Layout) -> int:
    """Of scoring a row: trees, or steps in deep ones, or columns of ranks where there are more of these."""
    return max(len(layout.trees), -(-int(layout.trees["depth"].sum(dtype=np.int64)) // STEPS), layout.columns.count)


def compile_trees(text: bytes, instructions: Instructions | None = None) -> Trees:
    """The engine of a LightGBM model text, by the machine's best instruction set unless another is named.

    Raises `Unsupported` for a model that this engine doesn't take, and where the library is missing.
    """
    return build_trees(read(open_library(), text), instructions)


def build_trees(said: Ensemble, instructions: Instructions | None = None) -> Trees:
    """The engine of trees that were read elsewhere. Raises `Unsupported`, as `compile_trees` does."""
    library = open_library()
    transform = transform_of(said.objective)
    layout = lay_out(said)
    columns = layout.columns
    model = Model(
        columns.groups.ctypes.data,
        columns.thresholds.ctypes.data,
        columns.categories.ctypes.data,
        columns.bits.ctypes.data,
        layout.trees.ctypes.data,
        layout.nodes.ctypes.data,
        layout.values.ctypes.data,
        said.features,
        len(columns.groups),
        len(columns.categories),
        columns.count,
        len(said.leaves),
        said.classes,
        transform.formula,
        transform.sigmoid,
        len(said.leaves) // said.classes if said.averaged else 1,
        said.zero,
        len(said.value) // said.classes if said.spread else 0,
        *functions(),
    )
    known = available(library)
    if instructions is not None and instructions not in known:
        raise Unsupported(f"this machine has no {instructions.name}")
    return Trees(library, layout, model, known[-1] if instructions is None else instructions)
