"""The trees without any server: engines in this process, on one thread."""

from collections.abc import Sequence

from tests.benchmarks.speed.figures import Engine
from tests.benchmarks.tree_scoring import PREPARED, check, engines, measure

SIZES = (1, 32, 1024)
ROUNDS = 7


def scored(run: str, text: str) -> Sequence[Engine]:
    """µs a row of each engine, of a model's text, after all have been compared with LightGBM."""
    taking_part = engines(text)
    check(taking_part)
    found = []
    for size in SIZES:
        fit = {name: score for name, score in taking_part.items() if size == 1 or name != PREPARED}
        found += [Engine(run, name, size, figure) for name, figure in measure(fit, size, ROUNDS).items()]
    return found
