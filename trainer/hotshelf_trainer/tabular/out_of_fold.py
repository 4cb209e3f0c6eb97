"""Cross-validation: each row foretold by a model that was not taught by it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hotshelf_trainer.diagnosis.crossing import Fold
from hotshelf_trainer.diagnosis.fan_out import HERE, FanOut, Fit
from hotshelf_trainer.tabular.evaluation import Part
from hotshelf_trainer.tabular.learner import TableLearner

CROSS_VALIDATION = "cross-validation"


def out_of_fold(
    learner: TableLearner,
    folds: Sequence[Fold],
    parameters: Mapping[str, Any],
    seed: int,
    *,
    fan_out: FanOut = HERE,
) -> Part:
    """Every fold's validation rows, each foretold by the model of its fold.

    With a rolling origin the rows before the first cut aren't among them.
    """
    fits = [Fit(fold.train, parameters, seed, (fold.held_out,)) for fold in folds]
    predictions = [np.asarray(found, dtype=np.float64) for (found,) in fan_out.answers(learner, fits)]
    rows = np.concatenate([fold.held_out for fold in folds])
    order = np.argsort(rows, kind="stable")
    return Part(CROSS_VALIDATION, rows[order], np.concatenate(predictions)[order])
