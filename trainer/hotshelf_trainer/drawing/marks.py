"""What the plots have in common."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hotshelf_trainer.diagnosis.intervals import Estimate

WIDE, NARROW = (9.0, 3.2), (9.0, 2.6)
"""Inches."""


def log(axis: Any, values: Sequence[int]) -> None:
    """A logarithmic axis that is marked at the values alone."""
    axis.set_xscale("log")
    axis.set_xticks(values, [f"{value:,}" for value in values])
    axis.minorticks_off()


def line(axis: Any, places: Sequence[Any], estimates: Sequence[Estimate], colour: str, label: str) -> None:
    """Values with the band of their intervals."""
    axis.plot(places, [one.value for one in estimates], color=colour, label=label, marker="o", markersize=3)
    lows, highs = [one.low for one in estimates], [one.high for one in estimates]
    axis.fill_between(places, lows, highs, color=colour, alpha=0.15, linewidth=0)


def error(estimates: Sequence[Estimate]) -> np.ndarray:
    """[2, n] how far intervals reach below and above."""
    return np.array([[one.value - one.low for one in estimates], [one.high - one.value for one in estimates]])
