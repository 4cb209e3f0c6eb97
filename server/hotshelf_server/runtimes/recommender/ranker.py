"""The two rankers of a version: LightGBM LambdaRank (Burges 2010), as text models."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.runtimes.booster import Booster, BoosterError
from hotshelf_server.runtimes.recommender.feature_names import NAMES
from hotshelf_server.runtimes.recommender.state import Ints

MIXED_FILE = "ranker_mixed.txt"
NEW_FILE = "ranker_new.txt"


@dataclass(frozen=True, slots=True)
class Rankers:
    """``mixed`` ranks old and new products together; ``new`` judges better where only new ones may be answered."""

    mixed: Booster
    new: Booster

    def save(self, directory: Path) -> None:
        """Write both as text."""
        (directory / MIXED_FILE).write_text(self.mixed.text)
        (directory / NEW_FILE).write_text(self.new.text)


def load(directory: Path) -> Rankers:
    """Read both; raises ``BadBundle`` where one is absent or of other features."""
    return Rankers(_booster(directory / MIXED_FILE), _booster(directory / NEW_FILE))


def _booster(path: Path) -> Booster:
    try:
        booster = Booster.load(path)
    except BoosterError as error:
        raise BadBundle(f"{path.name}: expected a LightGBM text model: {error}", file=path.name) from error
    if booster.features != len(NAMES):
        raise BadBundle(f"{path.name}: {booster.features} features, expected {len(NAMES)}", file=path.name)
    return booster


def best(
    scores: np.ndarray[tuple[int], np.dtype[np.float64]], products: Ints, k: int
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Positions of the ``k`` highest scores, best first; ties by product."""
    return np.lexsort((products, -scores))[:k]
