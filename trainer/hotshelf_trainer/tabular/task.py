"""What a table's training hands from step to step."""

from dataclasses import dataclass

import polars as pl

from hotshelf_trainer.diagnosis.fan_out import FanOut
from hotshelf_trainer.progress import Progress
from hotshelf_trainer.recipes import TabularRecipe
from hotshelf_trainer.table.contract import Violation
from hotshelf_trainer.tabular.examples import Examples
from hotshelf_trainer.tabular.learner import TableLearner
from hotshelf_trainer.tabular.splits import Split


@dataclass(frozen=True, slots=True)
class Task:
    """What is learned from what."""

    recipe: TabularRecipe
    examples: Examples
    learner: TableLearner
    parts: Split
    progress: Progress
    fan_out: FanOut
    """Where fits are done that don't wait for each other."""
    violations: tuple[Violation, ...]
    leaks: tuple[str, ...]
    """Columns that tell the target nearly alone, in words."""
    features: pl.DataFrame
    """Those that the contract kept, as the table has them."""
