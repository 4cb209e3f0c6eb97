"""A booster's answers: by the tree engine where its answers are LightGBM's to the last bit, else by LightGBM."""

import logging
import weakref
from collections.abc import Callable
from functools import partial
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.background import in_background
from hotshelf_server.core.engines import How
from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.booster import Booster, BoosterError, decoded, read_text
from hotshelf_server.runtimes.engines import Engines
from hotshelf_server.runtimes.onnx_scores import OnnxScores, installed
from hotshelf_server.runtimes.policy import RuntimePolicy
from hotshelf_server.runtimes.scoring import LIGHTGBM, ONNX, ROW, TREES, Engine, RowScores, TreeScores
from hotshelf_server.runtimes.trees import Broken, Trees, Unsupported, compile_trees
from hotshelf_server.runtimes.trees.proof import prove

log = logging.getLogger(__name__)


class Library:
    """LightGBM's copy of a model: made from its file when somebody asks for it, and kept as long as somebody holds it.

    It takes memory that nothing needs once another engine is proved equal, and LightGBM itself takes some more.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digest = b""
        self._made: Callable[[], Booster | None] = lambda: None

    def __call__(self) -> Booster:
        """Raises `BoosterError`."""
        found = self._made()
        if found is None:  # two threads may make one each
            found = Booster(self.text)
            self._made = weakref.ref(found)
        return found

    @property
    def name(self) -> str:
        """Of its file."""
        return self._path.name

    @property
    def text(self) -> bytes:
        """The model, in UTF-8. Raises `BoosterError`, also for another text than was read before: engines of two models
        would be compared, and the library's answers taken for the right ones."""
        text = read_text(self._path)
        digest = blake2b(text).digest()
        if self._digest not in (b"", digest):
            raise BoosterError(f"{self.name} was changed since it was loaded")
        self._digest = digest
        return text


class Scorer:
    """Scores like `Booster`, whose methods it has. Thread-safe.

    ``engines``: `TREES`, where it is proved; `LIGHTGBM`; and where they may be chosen `ONNX` and `ROW`.
    """

    def __init__(
        self,
        library: Library,
        trees: Trees | None = None,
        how: How = "default",
        *,
        onnx: bool = False,
        tolerance: float | None = None,
    ) -> None:
        """``onnx``: whether the trees may be scored by onnxruntime.
        ``tolerance``: see `hotshelf_server.core.interfaces.Choosing`.

        Raises `BoosterError` where LightGBM is to score, and doesn't take the model.
        """
        self.tolerance = tolerance
        self.library = library
        """LightGBM's copy, which computes contributions in any case."""
        makers: dict[str, Callable[[], Engine]] = {}
        if trees is not None:
            makers[TREES] = partial(TreeScores, trees)
            if onnx:
                makers[ONNX] = partial(OnnxScores, trees)
        if how != "configured":
            makers[ROW] = lambda: RowScores(library())
        makers[LIGHTGBM] = library
        self.engines = Engines(makers, LIGHTGBM if trees is None else TREES, how)
        self.proved = () if trees is None else (library.name,)
        """The file, where the tree engine is known to be equal."""
        said = library() if trees is None else trees
        self.features = said.features
        self.outputs = said.classes if isinstance(said, Trees) else said.outputs
        self.trees = said.trees

    @property
    def engine(self) -> str:
        """What scores a row alone."""
        return self.engines.choice.engines[0]

    def make_ready(self, engine: str) -> float | None:
        """As `hotshelf_server.core.interfaces.Choosing` has it."""
        scores = self.engines.named(engine)
        return scores.make_ready(self.tolerance) if isinstance(scores, OnnxScores) else None

    @property
    def text(self) -> str:
        """The model. Raises `BoosterError` where it isn't UTF-8."""
        return decoded(self.library.text)

    def predict(self, rows: Array, *, raw: bool = False, threads: int = 1) -> npt.NDArray[np.float64]:
        """Scores of rows [n, features] of float32 or float64: [n], or [n, outputs] for several outputs."""
        return self.engines.of(len(rows)).predict(rows, raw=raw, threads=threads)

    def leaves(self, rows: Array, *, threads: int = 1) -> npt.NDArray[np.int32]:
        """[n, trees] the leaf of each tree; trees iteration by iteration, classes within one."""
        return self.engines.of(len(rows)).leaves(rows, threads=threads)

    def contributions(self, rows: Array, *, threads: int = 1) -> npt.NDArray[np.float64]:
        """What each feature adds to the raw score, as `Booster.contributions` gives it."""
        return self.library().contributions(rows, threads=threads)

    def gain(self) -> npt.NDArray[np.float64]:
        """[features] the gain of each feature's splits in all trees."""
        return self.library().gain()


def load_scorer(path: Path, policy: RuntimePolicy) -> Scorer:
    """Read a model, and prove the tree engine on it unless the policy is for LightGBM, or says that it is proved.

    Raises `BoosterError`.
    """
    library = Library(path)
    if policy.tree_engine == "lightgbm" or policy.engine == "library":
        return Scorer(library, how="configured")
    trees = _trees(library, policy)
    if trees is None:
        return Scorer(library)
    if policy.engine == "own":
        return Scorer(library, trees, "configured")
    return Scorer(library, trees, onnx=_tries_onnx(path, policy), tolerance=policy.engine_tolerance)


def _trees(library: Library, policy: RuntimePolicy) -> Trees | None:
    """The tree engine, where its answers are LightGBM's. Raises `BoosterError` for a text that is no model."""
    try:
        trees = compile_trees(library.text)
        if library.name not in policy.proved:
            prove(trees, library(), in_background)
    except Broken as reason:
        raise BoosterError(str(reason)) from reason
    except Unsupported as reason:
        log.info("%s is scored by LightGBM: %s", library.name, reason)
        return None
    log.debug("%s is scored by the tree engine, %s", library.name, trees.instructions.name)
    return trees


def _tries_onnx(path: Path, policy: RuntimePolicy) -> bool:
    """Whether an operator asks for onnxruntime, and it is there. Nothing of it is imported before it is measured."""
    if policy.engine_tolerance is None:
        return False
    if not installed():
        log.warning(
            "%s has an engine_tolerance, but onnxruntime, which could be tried, isn't installed: "
            "pip install 'hotshelf[onnx]'",
            path.name,
        )
        return False
    return True
