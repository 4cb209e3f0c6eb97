"""Has the data moved since the training? How far values are from a version's profile.

By the population stability index, and by Kolmogorov-Smirnov, which needs values: the profile keeps a sample of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from scipy.stats import ks_2samp

from hotshelf_store.profile import MISSING, OTHER, ColumnProfile, Profile, stability_index
from hotshelf_trainer.errors import DataError

BINS = 10
CATEGORIES = 50
SAMPLE = 2_000
LITTLE, MUCH = 0.1, 0.25


@dataclass(frozen=True, slots=True)
class Drift:
    """One column now against its profile."""

    column: str
    psi: float
    level: Literal["little", "some", "much"]
    ks: float | None
    """Largest distance of the distribution functions; numbers alone."""
    ks_p: float | None
    """The chance of such a distance without any drift."""


def profile_of(frame: pl.DataFrame, seed: int = 0) -> Profile:
    """Of every column that holds numbers, booleans, text or categories; others are left out.

    Raises ``DataError`` without rows.
    """
    if not frame.height:
        raise DataError("no row to take a profile of; expected at least one")
    return Profile({name: _profiled(frame[name], seed) for name in frame.columns if _has_profile(frame[name].dtype)})


def drift(profile: Profile, frame: pl.DataFrame) -> tuple[Drift, ...]:
    """The profile's columns, most moved first. Raises ``DataError`` where the frame lacks one, or has no rows."""
    missing = profile.columns.keys() - set(frame.columns)
    if missing or not frame.height:
        raise DataError(f"{frame.height} rows without {sorted(missing)}; expected rows with all columns of the profile")
    found = [_drifted(name, column, frame[name]) for name, column in profile.columns.items()]
    return tuple(sorted(found, key=lambda one: (-one.psi, one.column)))


def _has_profile(dtype: pl.DataType) -> bool:
    return dtype.is_numeric() or dtype.base_type() in {pl.Boolean, pl.String, pl.Categorical, pl.Enum}


def _profiled(series: pl.Series, seed: int) -> ColumnProfile:
    if not series.dtype.is_numeric():
        named = _named(series).value_counts(sort=True)
        common = [str(name) for name in named[series.name].to_list()[:CATEGORIES]]
        return ColumnProfile("category", len(series), (), _shares(_grouped(series, common)), ())
    numbers = _numbers(series)
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, BINS + 1)[1:-1])) if len(numbers) else np.zeros(0)
    kept = np.random.default_rng(seed).choice(numbers, min(SAMPLE, len(numbers)), replace=False)
    return ColumnProfile(
        "number", len(series), tuple(edges.tolist()), _shares(_binned(series, edges)), tuple(kept.tolist())
    )


def _drifted(name: str, column: ColumnProfile, series: pl.Series) -> Drift:
    if column.kind == "category":
        psi = stability_index(column, _shares(_grouped(series, column.shares)), len(series))
        return Drift(name, psi, _level(psi), None, None)
    if not series.dtype.is_numeric():
        raise DataError(f"{name}: {series.dtype}; expected numbers, as the profile has")
    psi = stability_index(column, _shares(_binned(series, np.array(column.edges))), len(series))
    numbers = _numbers(series)
    if not len(numbers) or not column.sample:
        return Drift(name, psi, _level(psi), None, None)
    test = ks_2samp(column.sample, numbers, method="asymp")
    return Drift(name, psi, _level(psi), float(test.statistic), float(test.pvalue))


def _level(psi: float) -> Literal["little", "some", "much"]:
    if psi < LITTLE:
        return "little"
    return "some" if psi < MUCH else "much"


def _numbers(series: pl.Series) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    values = series.cast(pl.Float64).to_numpy()
    return np.asarray(values[np.isfinite(values)])


def _binned(series: pl.Series, edges: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> pl.Series:
    values = series.cast(pl.Float64).to_numpy()
    places = np.searchsorted(edges, values, side="left").astype(str)
    return pl.Series(np.where(np.isfinite(values), places, MISSING))


def _named(series: pl.Series) -> pl.Series:
    return series.cast(pl.String).fill_null(MISSING)


def _grouped(series: pl.Series, common: "Mapping[str, float] | list[str]") -> pl.Series:
    named = _named(series).rename("name")
    return (
        named.to_frame()
        .select(pl.when(pl.col("name").is_in(list(common))).then("name").otherwise(pl.lit(OTHER)))
        .to_series()
    )


def _shares(names: pl.Series) -> dict[str, float]:
    known, counts = np.unique(names.to_numpy().astype(str), return_counts=True)
    return {str(name): float(count) / len(names) for name, count in zip(known, counts, strict=True)}
