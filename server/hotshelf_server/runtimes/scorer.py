"""A booster's answers: by the tree engine where its answers are LightGBM's to the last bit, else by LightGBM."""

import logging
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.background import in_background
from hotshelf_server.core.engines import How
from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.booster import Booster, BoosterError
from hotshelf_server.runtimes.engines import Engines
from hotshelf_server.runtimes.onnx_scores import OnnxScores, installed
from hotshelf_server.runtimes.policy import RuntimePolicy
from hotshelf_server.runtimes.scoring import LIGHTGBM, ONNX, ROW, TREES, Engine, RowScores, TreeScores
from hotshelf_server.runtimes.trees import Broken, Trees, Unsupported, compile_trees
from hotshelf_server.runtimes.trees.proof import prove

log = logging.getLogger(__name__)


class Scorer:
    """Scores like `Booster`, whose methods it has. Thread-safe.

    ``engines``: `TREES`, where it is proved; `LIGHTGBM`, which computes contributions in any case; and where they may
    be chosen `ONNX` and `ROW`.
    """

    def __init__(
        self,
        booster: Booster,
        trees: Trees | None = None,
        how: How = "default",
        *,
        onnx: OnnxScores | None = None,
        tolerance: float | None = None,
    ) -> None:
        """``tolerance``: see `hotshelf_server.core.interfaces.Choosing`."""
        self.tolerance = tolerance
        self._given: Booster | None = booster
        self.features = booster.features
        self.outputs = booster.outputs
        self.trees = booster.trees
        candidates: dict[str, Engine] = {}
        if trees is not None:
            candidates[TREES] = TreeScores(trees, booster.features, booster.outputs)
        if onnx is not None:
            candidates[ONNX] = onnx
        if how != "configured":
            candidates[ROW] = RowScores(booster)
        candidates[LIGHTGBM] = booster
        self.engines = Engines(candidates, LIGHTGBM if trees is None else TREES, how)

    @property
    def engine(self) -> str:
        """What scores a row alone."""
        return self.engines.choice.engines[0]

    @property
    def _booster(self) -> Booster:
        if self._given is None:
            raise BoosterError("the model was given up but for its scores")
        return self._given

    def make_ready(self, engine: str) -> float | None:
        """As `hotshelf_server.core.interfaces.Choosing` has it."""
        scores = self.engines.named(engine)
        return scores.make_ready(self.tolerance) if isinstance(scores, OnnxScores) else None

    def lighten(self) -> None:
        """Give up LightGBM's own copy of the model where another engine scores by choice, at whatever size.

        From then on `text`, `contributions` and `gain` raise `BoosterError`. Nothing where LightGBM scores.
        """
        self.engines.give_up()
        if not {LIGHTGBM, ROW} & set(self.engines.names):
            self._given = None

    @property
    def text(self) -> str:
        """The model. Raises `BoosterError` where it isn't UTF-8."""
        return self._booster.text

    def predict(self, rows: Array, *, raw: bool = False, threads: int = 1) -> npt.NDArray[np.float64]:
        """Scores of rows [n, features] of float32 or float64: [n], or [n, outputs] for several outputs."""
        return self.engines.of(len(rows)).predict(rows, raw=raw, threads=threads)

    def leaves(self, rows: Array, *, threads: int = 1) -> npt.NDArray[np.int32]:
        """[n, trees] the leaf of each tree; trees iteration by iteration, classes within one."""
        return self.engines.of(len(rows)).leaves(rows, threads=threads)

    def contributions(self, rows: Array, *, threads: int = 1) -> npt.NDArray[np.float64]:
        """What each feature adds to the raw score, as `Booster.contributions` gives it."""
        return self._booster.contributions(rows, threads=threads)

    def gain(self) -> npt.NDArray[np.float64]:
        """[features] the gain of each feature's splits in all trees."""
        return self._booster.gain()


def load_scorer(path: Path, policy: RuntimePolicy) -> Scorer:
    """Read a model, and prove the tree engine on it unless the policy is for LightGBM. Raises `BoosterError`.

    LightGBM's copy is kept beside it; `Scorer.lighten` gives it up.
    """
    booster = Booster.load(path)
    if policy.tree_engine == "lightgbm" or policy.engine == "library":
        return Scorer(booster, how="configured")
    try:
        trees = compile_trees(booster.raw_text)
        prove(trees, booster, in_background)
    except Broken as reason:
        raise BoosterError(str(reason)) from reason
    except Unsupported as reason:
        log.info("%s is scored by LightGBM: %s", path.name, reason)
        return Scorer(booster)
    log.debug("%s is scored by the tree engine, %s", path.name, trees.instructions.name)
    if policy.engine == "own":
        return Scorer(booster, trees, "configured")
    return Scorer(booster, trees, onnx=_onnx(path, trees, policy), tolerance=policy.engine_tolerance)


def _onnx(path: Path, trees: Trees, policy: RuntimePolicy) -> OnnxScores | None:
    """onnxruntime, where an operator asks for it. Nothing of it is imported or made before it is measured."""
    if policy.engine_tolerance is None:
        return None
    if not installed():
        log.warning(
            "%s has an engine_tolerance, but onnxruntime, which could be tried, isn't installed: "
            "pip install 'hotshelf[onnx]'",
            path.name,
        )
        return None
    return OnnxScores(trees)
