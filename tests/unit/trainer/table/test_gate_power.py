"""How often the superiority test of a table's gate is right: simulated with fixed seeds, on rows in groups."""

from collections.abc import Callable

import numpy as np

from hotshelf_trainer.diagnosis.intervals import drawn
from hotshelf_trainer.diagnosis.metrics import metric_of
from hotshelf_trainer.diagnosis.sample import Sample
from hotshelf_trainer.recipes.tabular import TabularGate
from hotshelf_trainer.table.rivals import CHAMPION, compared, not_inferior
from tests.unit.trainer.power import CANDIDATES, cases

GROUPS, ROWS = 150, 4
BETWEEN, WITHIN = 0.3, 0.3
"""Standard deviations of the difference in absolute error, between groups and between the rows of one."""
MAE = metric_of("regression", "mae")


def passed(standard_errors: float, *, by_row: bool = False) -> int:
    """Of so many candidates, each better than the champion by so many standard errors, how many are found superior.

    ``by_row``: as if rows of one group were independent.
    """
    rng = np.random.default_rng(11)
    groups = np.repeat(np.arange(GROUPS), ROWS)
    error = np.sqrt((BETWEEN**2 + WITHIN**2 / ROWS) / GROUPS)
    truth = np.zeros(GROUPS * ROWS)
    found = 0
    for candidate in range(CANDIDATES):
        champion = 5 + rng.normal(size=GROUPS * ROWS)
        better = standard_errors * error + rng.normal(0, BETWEEN, GROUPS)[groups]
        ours = champion - better - rng.normal(0, WITHIN, GROUPS * ROWS)
        drawn_by = np.arange(GROUPS * ROWS) if by_row else groups
        draws = drawn(MAE, [Sample(truth, said, drawn_by) for said in (ours, champion)], 1_000, candidate)
        comparison = compared(draws, MAE, 1, CHAMPION)
        found += not_inferior("mae", comparison, 1, TabularGate(superiority=True), "").passed
    return found


@cases
def test_the_gate_passes_few_that_are_no_better_and_most_that_are(
    standard_errors: float, least: int, most: int, record_property: Callable[[str, object], None]
) -> None:
    found = passed(standard_errors)
    record_property("passed", found)
    print(f"{found} of {CANDIDATES} candidates better by {standard_errors} standard errors were found superior")
    assert least <= found <= most


def test_drawing_rows_instead_of_groups_would_pass_too_many_that_are_no_better() -> None:
    assert passed(0, by_row=True) > 20
