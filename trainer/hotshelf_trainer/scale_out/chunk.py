"""Rows that one worker has."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, slots=True)
class Chunk:
    """One worker's share of the rows."""

    data: pd.DataFrame
    label: "pd.Series[float]"
    group: "pd.Series[int] | None"
    """For ranking: the number of rows of each query; they add up to the rows of this chunk."""
