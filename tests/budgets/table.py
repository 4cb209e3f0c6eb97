"""Counts that must not grow: of instructions, opcodes, modules. They say what speed can't on a busy machine.

What is counted depends on the compiler or the Python, so budgets are kept for each that was measured.
"""

import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("budgets.json")
ALLOWED = 0.10
"""Share by which a count may exceed its budget; below it by more, the budget is to be lowered."""

ANEW = "`make budgets` measures them anew"

Table = Mapping[str, Mapping[str, int]]
"""By environment, such as "python 3.11", and by what is counted."""


class Uncounted(Exception):
    """It can't be told here: something is missing, or no budget is kept for this environment."""


class Exceeded(AssertionError):
    """A count is over its budget, or has none."""


class Slack(UserWarning):
    """A count is far below its budget."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted, in words, and how. ``environment`` is all that the count may depend on, apart from our code."""

    environment: str
    name: str
    take: Callable[[], int]


def read(file: Path = FILE) -> Table:
    """The budgets that are kept."""
    table: Table = json.loads(file.read_text())
    return table


def check(table: Table, measure: Measure, count: int) -> None:
    """Raises `Uncounted` and `Exceeded`; warns of `Slack`."""
    budgets = table.get(measure.environment)
    if budgets is None:
        raise Uncounted(f"no budgets are kept for {measure.environment}, only for {', '.join(table)}; {ANEW}")
    budget = budgets.get(measure.name)
    if budget is None:
        raise Exceeded(f"{measure.name}: {count:,}, and no budget is kept for {measure.environment}; {ANEW}")
    said = f"{measure.name}: {count:,}, {count / budget - 1:+.1%} of the budget of {budget:,}"
    if count > budget * (1 + ALLOWED):
        raise Exceeded(f"{said}; where that is worth it, {ANEW}")
    if count < budget * (1 - ALLOWED):
        warnings.warn(f"{said}: lower it, {ANEW}", Slack, stacklevel=2)


def renewed(table: Table, counts: Mapping[Measure, int]) -> Table:
    """A table with these counts for budgets. Environments that were measured keep no others; the rest stays."""
    measured: dict[str, dict[str, int]] = {}
    for measure, count in counts.items():
        measured.setdefault(measure.environment, {})[measure.name] = count
    return {name: dict(budgets) for name, budgets in sorted({**table, **measured}.items())}


def write(table: Table, file: Path = FILE) -> None:
    """Keep these."""
    file.write_text(json.dumps(table, indent=2) + "\n")
