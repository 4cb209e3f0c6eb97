"""Tells how good hyperparameters are, by folds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hotshelf_trainer.diagnosis.crossing import Fold
from hotshelf_trainer.diagnosis.fan_out import HERE, FanOut, Fit
from hotshelf_trainer.diagnosis.metrics import Metric
from hotshelf_trainer.tabular.examples import Examples
from hotshelf_trainer.tabular.learner import TableLearner

Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Judges:
    """Who tells how good hyperparameters are on a fold."""

    learner: TableLearner
    metric: Metric
    seed: int
    fan_out: FanOut = HERE

    def scores(
        self, asked: Sequence[tuple[Fold, Parameters]], tell: Callable[[float], None] = lambda _: None
    ) -> list[float]:
        """Of each fold's validation rows, by a model that knows its train rows."""
        fits = [Fit(fold.train, parameters, self.seed, (fold.held_out,)) for fold, parameters in asked]
        answers = self.fan_out.answers(self.learner, fits, tell)
        examples = self.learner.examples
        return [
            score(examples, self.metric, found, fold.held_out)
            for (fold, _), (found,) in zip(asked, answers, strict=True)
        ]


def score(examples: Examples, metric: Metric, predictions: Any, rows: Any) -> float:
    """Of predictions for rows."""
    query = examples.groups[rows] if examples.task == "ranking" else None
    return metric(examples.truth[rows], predictions, query=query)
