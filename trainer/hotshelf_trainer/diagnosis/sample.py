"""What is judged: predictions beside the truth, who they belong to, and how a model is asked for them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from hotshelf_trainer.errors import DataError

Doubles = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
"""Positions of rows in one data set; repeats are allowed, as in a bootstrap sample."""
Truth = npt.NDArray[Any]
"""[n] values, class numbers from 0, or grades of relevance."""
Predictions = npt.NDArray[np.floating[Any]]
"""[n] values or scores, or [n, classes] probabilities."""


class Fitted(Protocol):
    """A model that has learned, bound to the data set whose rows it is asked for."""

    def __call__(self, rows: Indices, /) -> Predictions:
        """Predict the rows."""
        ...


class Learner(Protocol):
    """What can learn from rows of one data set."""

    def fit(self, rows: Indices, parameters: Mapping[str, Any], seed: int) -> Fitted:
        """Learn from the rows; a row that is listed twice counts twice."""
        ...


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows with their predictions.

    Raises ``DataError`` where the lengths differ, there is no row, or a prediction isn't finite.
    """

    truth: Truth
    predictions: Predictions
    groups: npt.NDArray[np.integer[Any]]
    """[n] whose row it is: drawn as a whole by the bootstrap, because rows of one group depend on each other."""
    query: npt.NDArray[np.integer[Any]] | None = None
    """[n] the list that a row is ranked in, for ranking; a query lies within one group."""
    weights: Doubles | None = None

    def __post_init__(self) -> None:
        if not len(self.truth):
            raise DataError("no row to judge; expected at least one")
        columns = {"predictions": self.predictions, "groups": self.groups, "query": self.query, "weights": self.weights}
        for name, column in columns.items():
            if column is not None and len(column) != len(self.truth):
                raise DataError(f"{name}: {len(column)} rows; expected {len(self.truth)}, as many as the truth has")
        if not np.isfinite(self.predictions).all():
            count = int((~np.isfinite(self.predictions)).sum())
            raise DataError(f"{count} predictions are NaN or infinite; expected finite numbers")

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def row_weights(self) -> Doubles:
        """[n] the weights; 1 where there are none."""
        return np.ones(len(self)) if self.weights is None else np.asarray(self.weights, dtype=np.float64)

    def predicted(self, predictions: Predictions) -> "Sample":
        """The same rows with somebody else's predictions."""
        return replace(self, predictions=predictions)

    def among(self, rows: npt.NDArray[Any]) -> "Sample":
        """Some of the rows; ``rows`` is a mask or positions."""
        return Sample(
            self.truth[rows],
            self.predictions[rows],
            self.groups[rows],
            None if self.query is None else self.query[rows],
            None if self.weights is None else self.weights[rows],
        )
