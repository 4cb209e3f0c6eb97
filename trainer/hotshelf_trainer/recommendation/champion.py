"""The champion as it lies in the store, and what it learned given another moment's history."""

from dataclasses import dataclass

import numpy as np

from hotshelf_server.runtimes import BadBundle
from hotshelf_server.runtimes.recommender import ranker, state
from hotshelf_server.runtimes.recommender.names import Names
from hotshelf_server.runtimes.recommender.ranker import Rankers
from hotshelf_server.runtimes.recommender.state import Catalogue, Facts, Learned, State
from hotshelf_store import CHAMPION, Store, lead


@dataclass(frozen=True, slots=True)
class Champion:
    """The version that takes the traffic."""

    version: int
    recipe_text: str
    state: State | None
    """``None`` where this release can't read the bundle; then only its recipe is of use."""
    rankers: Rankers | None


def champion_of(store: Store, model: str) -> Champion | None:
    """The champion as it lies in the store; ``None`` where the model has none, or has one that is no recommender."""
    version = lead(store.aliases(model), CHAMPION)
    if not version:
        return None
    manifest = store.manifest(model, version)
    try:
        folder = store.files(model, version)
        return Champion(version, manifest.lineage.recipe, state.load(folder), ranker.load(folder))
    except BadBundle:
        return Champion(version, manifest.lineage.recipe, None, None)


def rebased(learned_by: State, catalogue: Catalogue, facts: Facts) -> State:
    """What one version learned, with the facts and catalogue of another moment; products not in it are lost."""
    return State.of(learned_by.settings, catalogue, facts, _moved(learned_by, catalogue))


def _moved(old: State, catalogue: Catalogue) -> Learned:
    """``old.learned`` with its places and products renumbered for ``catalogue``; rows keep their values to the bit."""
    learned = old.learned
    index = _matched(old.catalogue.products, catalogue.products)[learned.products]
    kept = np.flatnonzero(index >= 0)
    place = np.full(len(index), -1, dtype=np.int32)
    place[kept] = np.arange(len(kept), dtype=np.int32)
    neighbours = place[learned.neighbours[kept]]
    lost = neighbours < 0
    return Learned(
        products=index[kept].astype(np.int32),
        # A neighbour that is lost speaks for place 0 with weight 0.
        neighbours=np.where(lost, 0, neighbours).astype(np.int32),
        weights=np.where(lost, np.float32(0), learned.weights[kept]),
        factors=np.asarray(learned.factors[kept]),
        gram=np.asarray(learned.gram),
    )


def _matched(old: Names, new: Names) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """[old] the place of each old name in ``new``, or -1."""
    where = {name: index for index, name in enumerate(new)}
    return np.array([where.get(name, -1) for name in old], dtype=np.int64)
