"""What is wrong with a table before anything is learned from it: findings that name the column."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from hotshelf_trainer.errors import DataError

Severity = Literal["error", "warning"]
ROWS = 20_000
"""Sampled to see what a column alone can tell."""
LEAST_ROWS = 50
TOO_WELL = 0.98


@dataclass(frozen=True, slots=True)
class Finding:
    """An ``error`` makes training senseless; a ``warning`` is for a person to look at."""

    column: str
    problem: str
    severity: Severity
    message: str


def table_findings(frame: pl.DataFrame, target: str | None, ids: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Missing and infinite values, constant columns, a target without variety, and ids that stand twice."""
    found = [finding for column in frame.columns for finding in _column(frame[column], is_target=column == target)]
    if ids:
        twice = frame.height - frame.select(ids).n_unique()
        if twice:
            name = ", ".join(ids)
            found.append(
                Finding(name, "duplicate_id", "error", f"{name}: {twice} rows repeat an id; expected each once")
            )
    return tuple(found)


def leaks(frame: pl.DataFrame, target: str, kind: Literal["class", "number"], seed: int = 0) -> tuple[Finding, ...]:
    """Columns, but lists and structs, that foretell the target almost alone.

    By a small tree, cross-validated on a sample of 20,000 rows.

    Judged by ROC AUC against the rest for each class, or R2. Raises ``DataError`` for fewer than 50 rows with a target.
    """
    known = frame.drop_nulls(target)
    if known.height < LEAST_ROWS:
        raise DataError(f"{known.height} rows with a {target}; expected {LEAST_ROWS} or more to look for leaks")
    known = known.sample(min(ROWS, known.height), seed=seed, shuffle=True)
    found = []
    for column in known.columns:
        if column == target or known[column].dtype.is_nested():
            continue
        alone = _foretold(_codes(known[column]), known[target], kind)
        if alone >= TOO_WELL:
            figure = "ROC AUC" if kind == "class" else "R2"
            message = f"{column} alone foretells {target} ({figure} {alone:.3f}): is it known before the target is?"
            found.append(Finding(column, "leak", "warning", message))
    return tuple(found)


def _column(series: pl.Series, *, is_target: bool) -> list[Finding]:
    name, known = series.name, series.drop_nulls()
    if series.dtype.is_float():
        known = known.drop_nans()
    if not len(known):
        return [Finding(name, "all_missing", "error" if is_target else "warning", f"{name}: every value is missing")]
    found = []
    if is_target and len(known) < len(series):
        missing = len(series) - len(known)
        found.append(Finding(name, "missing_target", "error", f"{name}: {missing} rows have no target"))
    if series.dtype.is_float() and (infinite := int(known.is_infinite().sum())):
        found.append(
            Finding(name, "infinite", "error", f"{name}: {infinite} values are infinite; expected finite ones")
        )
    if known.n_unique() == 1:
        kind: Severity = "error" if is_target else "warning"
        what = "the target is" if is_target else "it is"
        found.append(
            Finding(name, "constant", kind, f"{name}: {what} {known[0]!r} in every row; nothing to learn from")
        )
    return found


def _codes(series: pl.Series) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """[n, 1] numbers; categories by their rank, missing values and infinities by a number of their own."""
    if series.dtype.is_numeric() or series.dtype == pl.Boolean or series.dtype.is_temporal():
        numbers = series.to_physical().cast(pl.Float64, strict=False).to_numpy()
    else:
        numbers = series.cast(pl.String).rank("dense").cast(pl.Float64).to_numpy()
    finite = np.isfinite(numbers)
    lowest = float(numbers[finite].min()) if finite.any() else 0.0
    # A tree of one column goes by order alone, and ranks fit float32 where large numbers don't.
    ranks = np.unique(np.where(finite, numbers, lowest - 1), return_inverse=True)[1]
    return ranks.astype(np.float32).reshape(-1, 1)


def _foretold(column: np.ndarray[tuple[int, int], np.dtype[np.float32]], target: pl.Series, kind: str) -> float:
    if kind == "number":
        values = target.cast(pl.Float64).to_numpy()
        if np.ptp(values) == 0:
            return 0.0
        tree = DecisionTreeRegressor(max_leaf_nodes=64, min_samples_leaf=5, random_state=0)
        return float(r2_score(values, cross_val_predict(tree, column, values, cv=3)))
    classes, counts = np.unique(target.cast(pl.String).to_numpy(), return_inverse=True, return_counts=True)[1:]
    kept = counts[classes] >= 3
    if len(np.unique(classes[kept])) < 2:
        return 0.0
    tree = DecisionTreeClassifier(max_leaf_nodes=64, min_samples_leaf=5, random_state=0)
    shares = cross_val_predict(tree, column[kept], classes[kept], cv=3, method="predict_proba")
    names = np.unique(classes[kept])
    return float(np.mean([roc_auc_score(classes[kept] == one, shares[:, place]) for place, one in enumerate(names)]))
