"""The two rankers of a version: LightGBM LambdaRank (Burges 2010), as text models."""

from dataclasses import dataclass
from pathlib import Path

import lightgbm
import numpy as np

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.runtimes.recommender.feature_names import NAMES
from hotshelf_server.runtimes.recommender.state import Floats, Ints

MIXED_FILE = "ranker_mixed.txt"
NEW_FILE = "ranker_new.txt"


@dataclass(frozen=True, slots=True)
class Rankers:
    """``mixed`` ranks old and new products together; ``new`` judges better where only new ones may be answered."""

    mixed: lightgbm.Booster
    new: lightgbm.Booster

    def save(self, directory: Path) -> None:
        """Write both as text."""
        self.mixed.save_model(directory / MIXED_FILE)
        self.new.save_model(directory / NEW_FILE)


def load(directory: Path) -> Rankers:
    """Read both; raises ``BadBundle`` where one is absent or of other features."""
    return Rankers(_booster(directory / MIXED_FILE), _booster(directory / NEW_FILE))


def _booster(path: Path) -> lightgbm.Booster:
    try:
        booster = lightgbm.Booster(model_file=path)
    except (lightgbm.basic.LightGBMError, OSError) as error:
        raise BadBundle(f"{path.name}: expected a LightGBM text model: {error}", file=path.name) from error
    if booster.num_feature() != len(NAMES):
        raise BadBundle(f"{path.name}: {booster.num_feature()} features, expected {len(NAMES)}", file=path.name)
    return booster


def score(booster: lightgbm.Booster, matrix: Floats, threads: int = 1) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The ranker's score of each row; a row's score doesn't depend on the others."""
    if not len(matrix):
        return np.empty(0)
    # validate_features compares names of DataFrames; here the order was checked at load.
    return np.asarray(booster.predict(matrix, num_threads=threads, validate_features=False), dtype=np.float64)


def best(
    scores: np.ndarray[tuple[int], np.dtype[np.float64]], products: Ints, k: int
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Positions of the ``k`` highest scores, best first; ties by product."""
    return np.lexsort((products, -scores))[:k]
