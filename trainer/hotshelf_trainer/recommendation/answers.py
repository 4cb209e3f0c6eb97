"""What rankers answer to the customers of a window: the same choice that the server makes, many customers at a time."""

import numpy as np

from hotshelf_server.runtimes.recommender.ranker import Rankers, best
from hotshelf_server.runtimes.recommender.state import Ints
from hotshelf_trainer.recommendation.artifacts import NONE, TOP, Answers, Doubles, Lists, Rows


def answer(rankers: Rankers, rows: Rows, threads: int) -> Answers:
    """Rank every customer's candidates with both heads."""
    mixed = rankers.mixed.predict(rows.features, threads=threads)
    new = np.zeros(len(mixed))
    fresh = rows.is_new
    new[fresh] = rankers.new.predict(rows.features[fresh], threads=threads)
    first_new = rows.start[:-1] + rows.repeats
    lists = Lists(
        all=_top(mixed, rows.product, rows.start[:-1], rows.start[1:]),
        new=_top(new, rows.product, first_new, rows.start[1:]),
    )
    return Answers(lists, mixed, new)


def perfect(rows: Rows) -> Lists:
    """The best lists that any ranker could make of these candidates: a ceiling."""
    gain = rows.label.astype(np.float64)
    return Lists(
        all=_top(gain, rows.product, rows.start[:-1], rows.start[1:]),
        new=_top(gain, rows.product, rows.start[:-1] + rows.repeats, rows.start[1:]),
    )


def _top(scores: Doubles, products: Ints, begins: np.ndarray, ends: np.ndarray) -> Ints:
    lists = np.full((len(begins), TOP), NONE, dtype=np.int32)
    for row, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        own = products[begin:end]
        chosen = own[best(scores[begin:end], own, TOP)]
        lists[row, : len(chosen)] = chosen
    return lists
