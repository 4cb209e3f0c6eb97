"""A booster's answers: by the tree engine where its answers are LightGBM's to the last bit, else by LightGBM."""

import logging
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.background import in_background
from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.booster import Booster, BoosterError, taken
from hotshelf_server.runtimes.policy import RuntimePolicy
from hotshelf_server.runtimes.trees import Trees, Unsupported, compile_trees
from hotshelf_server.runtimes.trees.proof import prove

log = logging.getLogger(__name__)


class Scorer:
    """Scores like `Booster`, whose methods it has. Thread-safe.

    ``engine``: "trees" or "lightgbm", which computes all but contributions. The tree engine uses one thread, whatever a
    call allows.
    """

    def __init__(self, booster: Booster, trees: Trees | None = None) -> None:
        self._given: Booster | None = booster
        self._compiled = trees
        self.engine = "lightgbm" if trees is None else "trees"
        self.features = booster.features
        self.outputs = booster.outputs
        self.trees = booster.trees

    @property
    def _booster(self) -> Booster:
        if self._given is None:
            raise BoosterError("the model was given up but for its scores")
        return self._given

    def lighten(self) -> None:
        """Give up LightGBM's own copy of the model, of which only the tree engine's is needed to score.

        From then on `text`, `contributions` and `gain` raise `BoosterError`. Nothing where LightGBM scores.
        """
        if self._compiled is not None:
            self._given = None

    @property
    def text(self) -> str:
        """The model. Raises `BoosterError` where it isn't UTF-8."""
        return self._booster.text

    def predict(self, rows: Array, *, raw: bool = False, threads: int = 1) -> npt.NDArray[np.float64]:
        """Scores of rows [n, features] of float32 or float64: [n], or [n, outputs] for several outputs."""
        if self._compiled is None:
            return self._booster.predict(rows, raw=raw, threads=threads)
        rows = taken(rows, self.features)
        scores = self._compiled.raw_scores(rows) if raw else self._compiled.predictions(rows)
        return scores if self.outputs > 1 else scores[:, 0]

    def leaves(self, rows: Array, *, threads: int = 1) -> npt.NDArray[np.int32]:
        """[n, trees] the leaf of each tree; trees iteration by iteration, classes within one."""
        if self._compiled is None:
            return self._booster.leaves(rows, threads=threads)
        return self._compiled.leaf_index(taken(rows, self.features))

    def contributions(self, rows: Array, *, threads: int = 1) -> npt.NDArray[np.float64]:
        """What each feature adds to the raw score, as `Booster.contributions` gives it."""
        return self._booster.contributions(rows, threads=threads)

    def gain(self) -> npt.NDArray[np.float64]:
        """[features] the gain of each feature's splits in all trees."""
        return self._booster.gain()


def load_scorer(path: Path, policy: RuntimePolicy) -> Scorer:
    """Read a model, and prove the tree engine on it unless the policy is for LightGBM. Raises `BoosterError`."""
    booster = Booster.load(path)
    if policy.tree_engine == "lightgbm":
        return Scorer(booster)
    try:
        trees = compile_trees(booster.raw_text)
        prove(trees, booster, in_background)
    except Unsupported as reason:
        log.info("%s is scored by LightGBM: %s", path.name, reason)
        return Scorer(booster)
    log.debug("%s is scored by the tree engine, %s", path.name, trees.instructions.name)
    return Scorer(booster, trees)
