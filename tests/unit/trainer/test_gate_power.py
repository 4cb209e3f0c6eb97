"""How often the superiority test of the gate is right: simulated, with fixed seeds."""

from collections.abc import Callable

import numpy as np

from hotshelf_trainer.bootstrap import intervals
from tests.unit.trainer.power import CANDIDATES, cases

CUSTOMERS = 400
SPREAD = 0.3
"""Standard deviation of one customer's difference in NDCG@10, about that of two recommenders on real purchases."""


def passed(standard_errors: float) -> int:
    """Of so many candidates, each better than the champion by so many standard errors, how many are found superior."""
    rng = np.random.default_rng(4)
    mean = standard_errors * SPREAD / np.sqrt(CUSTOMERS)
    found = 0
    for candidate in range(CANDIDATES):
        differences = rng.normal(mean, SPREAD, (CUSTOMERS, 1))
        (interval,) = intervals(differences, 1_000, candidate)
        found += interval.bound > 0
    return found


@cases
def test_the_gate_passes_few_that_are_no_better_and_most_that_are(
    standard_errors: float, least: int, most: int, record_property: Callable[[str, object], None]
) -> None:
    found = passed(standard_errors)
    record_property("passed", found)
    print(f"{found} of {CANDIDATES} candidates better by {standard_errors} standard errors were found superior")
    assert least <= found <= most
