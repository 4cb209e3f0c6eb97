"""A version's files: text models, arrays and golden requests, proved in the runtime that will serve them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hotshelf_server.runtimes import Tensors, recommender
from hotshelf_server.runtimes.recommender import state as states
from hotshelf_server.runtimes.recommender.ranker import Rankers
from hotshelf_server.runtimes.recommender.state import State
from hotshelf_store import GoldenSummary
from hotshelf_store import golden as golden_files
from hotshelf_store.golden import Golden
from hotshelf_trainer.artifacts import Check
from hotshelf_trainer.goldens import goldens_of


@dataclass(frozen=True, slots=True)
class Bundle:
    """A folder that holds all but the report, and whether it answers as the model in memory did."""

    folder: Path
    golden: GoldenSummary
    check: Check


def write(folder: Path, state: State, rankers: Rankers) -> Bundle:
    """Write the files, load them back as a server would, and replay the golden requests."""
    states.save(state, folder)
    rankers.save(folder)
    golden = goldens_of(recommender.RecommenderServable(state, rankers), state)
    summary = golden_files.write(folder, golden)
    return Bundle(folder, summary, _replayed(folder, golden))


def _replayed(folder: Path, golden: Golden) -> Check:
    servable = recommender.load(folder)
    wrong = [
        number
        for number, case in enumerate(golden.cases)
        if not _equal(servable.predict(case.inputs, case.parameters).outputs, case.outputs, golden.relative_tolerance)
    ]
    servable.close()
    reason = (
        f"golden requests {wrong} were answered otherwise" if wrong else f"{len(golden.cases)} repeated as recorded"
    )
    return Check("refit: golden requests", not wrong, reason)


def _equal(found: Tensors, expected: Tensors, tolerance: float) -> bool:
    return all(
        np.allclose(found[name], array, rtol=tolerance, atol=tolerance, equal_nan=True)
        if array.dtype.kind == "f"
        else np.array_equal(found[name], array)
        for name, array in expected.items()
    )
