"""The number of instructions of the tree engine's kernels stays within its budget."""

from pathlib import Path

import numpy as np
import pytest

from hotshelf_server.runtimes.trees.library import Instructions
from tests.budgets.forest import ROWS
from tests.budgets.kernels import COUNTED, Workbench, measure, set_up
from tests.budgets.table import Exceeded, Uncounted, check, read


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    try:
        return set_up(Path(tmp_path_factory.mktemp("kernels")))
    except Uncounted as reason:
        pytest.skip(str(reason))


@pytest.mark.filterwarnings("default::tests.budgets.table.Slack")
@pytest.mark.parametrize(("rows", "instructions"), COUNTED)
def test_is_within_its_budget(workbench: Workbench, rows: int, instructions: Instructions) -> None:
    try:
        check(read(), measure(rows, instructions), workbench.count(rows, instructions))
    except Uncounted as reason:
        pytest.skip(str(reason))


def test_counts_are_the_same_every_time(workbench: Workbench) -> None:
    assert workbench.count(3, Instructions.PLAIN) == workbench.count(3, Instructions.PLAIN)


def test_a_slower_kernel_fails(workbench: Workbench) -> None:
    """Rows one by one, held to the budget of a block."""
    block = measure(ROWS, Instructions.PLAIN)
    budget = {block.environment: {block.name: workbench.count(ROWS, Instructions.PLAIN)}}
    with pytest.raises(Exceeded, match="of the budget of"):
        check(budget, block, workbench.count(1, Instructions.PLAIN))


def test_what_is_counted_scores_the_forest(workbench: Workbench) -> None:
    """Every way gives the same scores, and they are sums of leaves."""
    plain = workbench.scores(ROWS, Instructions.PLAIN)
    assert len(np.unique(plain)) == ROWS
    for instructions in workbench.instructions:
        for rows in (1, 64, ROWS):
            assert workbench.scores(rows, instructions).tolist() == plain[:rows].tolist()
