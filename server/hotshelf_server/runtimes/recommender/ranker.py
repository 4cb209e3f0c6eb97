"""The two rankers of a version: LightGBM LambdaRank (Burges 2010), as text models."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.runtimes.booster import Booster, BoosterError
from hotshelf_server.runtimes.policy import RuntimePolicy
from hotshelf_server.runtimes.recommender.feature_names import NAMES
from hotshelf_server.runtimes.recommender.state import Ints
from hotshelf_server.runtimes.scorer import Scorer, load_scorer

MIXED_FILE = "ranker_mixed.txt"
NEW_FILE = "ranker_new.txt"


@dataclass(frozen=True, slots=True)
class Rankers:
    """``mixed`` ranks old and new products together; ``new`` judges better where only new ones may be answered."""

    mixed: Booster | Scorer
    new: Booster | Scorer

    @property
    def proved(self) -> tuple[str, ...]:
        """Files of which the tree engine is known to be equal."""
        scorers = (ranker for ranker in (self.mixed, self.new) if isinstance(ranker, Scorer))
        return tuple(name for scorer in scorers for name in scorer.proved)

    def save(self, directory: Path) -> None:
        """Write both as text."""
        (directory / MIXED_FILE).write_text(self.mixed.text)
        (directory / NEW_FILE).write_text(self.new.text)


def load(directory: Path, policy: RuntimePolicy | None = None) -> Rankers:
    """Read both, within a policy or the default one; raises ``BadBundle`` where one is absent or of other features."""
    return Rankers(*(_scorer(directory / name, policy or RuntimePolicy()) for name in (MIXED_FILE, NEW_FILE)))


def _scorer(path: Path, policy: RuntimePolicy) -> Scorer:
    try:
        scorer = load_scorer(path, policy)
    except BoosterError as error:
        raise BadBundle(f"{path.name}: expected a LightGBM text model: {error}", file=path.name) from error
    if scorer.features != len(NAMES):
        raise BadBundle(f"{path.name}: {scorer.features} features, expected {len(NAMES)}", file=path.name)
    return scorer


def best(
    scores: np.ndarray[tuple[int], np.dtype[np.float64]], products: Ints, k: int
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Positions of the ``k`` highest scores, best first; ties by product."""
    return np.lexsort((products, -scores))[:k]
