"""Which class is taken for which."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from hotshelf_trainer.diagnosis.classified import classes_of, decided
from hotshelf_trainer.diagnosis.sample import Sample
from hotshelf_trainer.errors import DataError


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One class against the rest; figures that aren't defined are 0."""

    name: str
    precision: float
    recall: float
    f1: float
    weight: float
    """Of the rows that are of it."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """``matrix[true][predicted]``: weights of rows."""

    classes: tuple[str, ...]
    matrix: tuple[tuple[float, ...], ...]
    lines: tuple[ClassLine, ...]
    worst: tuple[tuple[str, str, float], ...]
    """The largest confusions: true class, predicted class, share of the true class's rows."""


def confusion(sample: Sample, classes: Sequence[str], worst: int = 5) -> Confusion:
    """Of the most probable classes. Raises ``DataError`` where names and predictions differ in number."""
    count = 2 if sample.predictions.ndim == 1 else sample.predictions.shape[1]
    if len(classes) != count:
        raise DataError(f"{len(classes)} names of classes; expected {count}, as many as are predicted")
    truth, said, labels = classes_of(sample), decided(sample), range(count)
    matrix = confusion_matrix(truth, said, labels=labels, sample_weight=sample.row_weights)
    figures = precision_recall_fscore_support(
        truth, said, labels=labels, sample_weight=sample.row_weights, zero_division=0.0
    )
    total = matrix.sum(axis=1, keepdims=True)
    shares = np.divide(matrix, total, out=np.zeros(matrix.shape), where=total > 0)
    np.fill_diagonal(shares, 0)
    order = np.argsort(-shares, axis=None, kind="stable")[:worst]
    pairs = [np.unravel_index(place, shares.shape) for place in order if shares.flat[place] > 0]
    return Confusion(
        tuple(classes),
        tuple(tuple(map(float, row)) for row in matrix),
        tuple(
            ClassLine(name, *map(float, line)) for name, line in zip(classes, zip(*figures, strict=True), strict=True)
        ),
        tuple((classes[int(true)], classes[int(said)], float(shares[true, said])) for true, said in pairs),
    )
