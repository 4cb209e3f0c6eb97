"""What a diagnosis looks at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hotshelf_trainer.diagnosis.fan_out import HERE, FanOut
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.diagnosis.sample import Sample
from hotshelf_trainer.recipes import TabularRecipe
from hotshelf_trainer.tabular.learner import FittedOn, TableLearner
from hotshelf_trainer.tabular.search import Found
from hotshelf_trainer.tabular.splits import Split


@dataclass(frozen=True, slots=True)
class Subject:
    """A learner with the parameters that were chosen."""

    recipe: TabularRecipe
    learner: TableLearner
    split: Split
    metric: Metric
    found: Found
    fitted: FittedOn
    """With the best parameters, on all learning rows."""
    test: Sample
    """What it says of the test rows."""
    fan_out: FanOut = HERE
    """Where further fits are done."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Those that the search chose."""
        return self.found.best.parameters

    @property
    def seed(self) -> int:
        """The recipe's."""
        return self.recipe.seed
