"""The opcodes that Python executes in a call, and what a server imports, stay within their budgets."""

import sys
from functools import partial
from textwrap import indent

import pytest

from hotshelf_server.observability.tallies import TOGETHER
from tests.budgets import answers, calls, opcodes, starting
from tests.budgets.table import Exceeded, Measure, Uncounted, check, read

MEASURES = (*calls.measures(), *answers.measures(), *starting.measures())
SHORT = MEASURES[0]


@pytest.mark.filterwarnings("default::tests.budgets.table.Slack")
@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_is_within_its_budget(measure: Measure) -> None:
    try:
        check(read(), measure, measure.take())
    except Uncounted as reason:
        pytest.skip(str(reason))


def test_counts_are_the_same_every_time() -> None:
    assert len({SHORT.take() for _ in range(3)}) == 1


def test_a_slower_call_fails() -> None:
    """The usual way, held to the budget of the short one."""
    budget = {SHORT.environment: {SHORT.name: SHORT.take()}}
    with pytest.raises(Exceeded, match="of the budget of"):
        check(budget, SHORT, calls.of_one(shortcut=False))


def test_only_what_runs_outside_the_tests_is_counted_and_tracing_is_as_before() -> None:
    def ours() -> int:
        return sum(range(100))

    before = sys.gettrace()
    assert opcodes.count(ours) == 0
    assert opcodes.where(partial(indent, "line", " ")).keys() >= {"textwrap.indent"}
    assert sys.gettrace() is before


@pytest.mark.parametrize("together", [1, 8])
def test_calls_take_the_short_way_in_the_batches_that_are_counted(together: int) -> None:
    with calls.warm(together=together) as bench:
        before, usual = bench.statistics(), bench.usual
        bench.calls(TOGETHER, together)
        after = bench.statistics()
        assert after.success.count - before.success.count == TOGETHER
        assert after.executions - before.executions == TOGETHER / together
        assert bench.usual == usual


def test_the_usual_way_goes_through_the_service_on_the_same_thread() -> None:
    with calls.warm(shortcut=False) as bench:
        usual, handed_over = bench.usual, bench.pool.taken
        bench.calls(TOGETHER)
        assert bench.usual - usual == TOGETHER
        assert bench.pool.taken == handed_over
        assert bench.core.ended == 3 * TOGETHER
