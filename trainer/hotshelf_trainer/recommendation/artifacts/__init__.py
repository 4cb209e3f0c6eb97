"""What the steps of the pipeline hand to each other. Frozen; arrays are never written to after they were made."""

from hotshelf_trainer.bootstrap import Interval
from hotshelf_trainer.recommendation.artifacts.figures import (
    Comparison,
    DataProfile,
    Evaluation,
    Evidence,
    Figures,
    Scores,
)
from hotshelf_trainer.recommendation.artifacts.purchases import (
    SECONDS_PER_DAY,
    Indices,
    Purchases,
    Split,
    Times,
    Truth,
    Window,
)
from hotshelf_trainer.recommendation.artifacts.rows import (
    NONE,
    SCOPES,
    TOP,
    Answers,
    Doubles,
    Lists,
    Rows,
    Scope,
    Trees,
)

__all__ = [
    "NONE",
    "SCOPES",
    "SECONDS_PER_DAY",
    "TOP",
    "Answers",
    "Comparison",
    "DataProfile",
    "Doubles",
    "Evaluation",
    "Evidence",
    "Figures",
    "Indices",
    "Interval",
    "Lists",
    "Purchases",
    "Rows",
    "Scope",
    "Scores",
    "Split",
    "Times",
    "Trees",
    "Truth",
    "Window",
]
