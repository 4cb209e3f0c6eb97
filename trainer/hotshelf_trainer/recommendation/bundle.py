"""A version's files: text models, arrays and golden requests, proved in the runtime that will serve them."""

from dataclasses import dataclass
from pathlib import Path

from hotshelf_server.runtimes import BadBundle, RuntimePolicy, load, replay
from hotshelf_server.runtimes.recommender import RecommenderServable
from hotshelf_server.runtimes.recommender import state as states
from hotshelf_server.runtimes.recommender.ranker import Rankers
from hotshelf_server.runtimes.recommender.state import State
from hotshelf_server.runtimes.recommender.tensors import SIGNATURE
from hotshelf_store import Manifest, Signature, TensorSpec
from hotshelf_store import golden as golden_files
from hotshelf_store.golden import Golden
from hotshelf_trainer.recommendation.goldens import goldens_of
from hotshelf_trainer.verdict import Check

RUNTIME = "recommender"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A folder that holds all but the report, what a manifest says of it, and whether it answers as in memory."""

    folder: Path
    manifest: Manifest
    """Runtime, signature and golden requests; the rest is told later."""
    check: Check


def write(folder: Path, state: State, rankers: Rankers) -> Bundle:
    """Write the files, load them back as a server would, and replay the golden requests."""
    states.save(state, folder)
    rankers.save(folder)
    servable = RecommenderServable(state, rankers)
    golden = goldens_of(servable, state)
    manifest = Manifest(
        runtime=RUNTIME,
        signature=Signature(
            inputs=[
                TensorSpec(name=spec.name, datatype=spec.datatype, shape=spec.shape, optional=spec.optional)
                for spec in SIGNATURE.inputs
            ],
            outputs=[
                TensorSpec(name=spec.name, datatype=spec.datatype, shape=spec.shape) for spec in SIGNATURE.outputs
            ],
        ),
        golden=golden_files.write(folder, golden),
    )
    return Bundle(folder, manifest, _replayed(folder, manifest, golden))


def _replayed(folder: Path, manifest: Manifest, golden: Golden) -> Check:
    try:
        servable = load(folder, manifest, RuntimePolicy())
        replay(servable, golden)
        servable.close()
    except BadBundle as error:
        return Check("refit: golden requests", passed=False, reason=str(error))
    return Check("refit: golden requests", passed=True, reason=f"{len(golden.cases)} repeated as recorded")
