"""Training rows: for each customer of a window, the candidates as the server would choose them, features and labels."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from hotshelf_server.runtimes.recommender.candidates import fold_in, select
from hotshelf_server.runtimes.recommender.features import features
from hotshelf_server.runtimes.recommender.state import Floats, Ints, State, history_of
from hotshelf_trainer.recommendation.artifacts import Rows, Truth

NOTHING = np.empty(0, dtype=np.int32)


def rows_of(state: State, truth: Truth, progress: Callable[[float], None]) -> Rows:
    """Rows for every customer of ``truth`` as of the end of the state's facts."""
    start = np.zeros(len(truth.customers) + 1, dtype=np.int64)
    repeats = np.zeros(len(truth.customers), dtype=np.int64)
    products: list[Ints] = []
    blocks: list[Floats] = []
    labels: list[npt.NDArray[np.int8]] = []
    as_of = state.facts.end
    bought = np.zeros(len(state.place), dtype=np.int8)
    for query, customer in enumerate(truth.customers):
        history = history_of(state, int(customer), as_of)
        folded = fold_in(state, history, NOTHING)
        candidates = select(state, history, folded, NOTHING)
        true = truth.product[truth.of(query)]
        bought[true] = 1
        products.append(candidates.product)
        blocks.append(features(state, history, folded, candidates, as_of))
        labels.append(bought[candidates.product])
        bought[true] = 0
        repeats[query] = candidates.repeats
        start[query + 1] = start[query] + len(candidates.product)
        if query % 100 == 99:
            progress((query + 1) / len(truth.customers))
    progress(1.0)
    return Rows(start, repeats, np.concatenate(products), np.concatenate(blocks), np.concatenate(labels))
