"""Learners that do something to the worker that they learn on."""

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hotshelf_trainer.diagnosis.fan_out import Fit
from hotshelf_trainer.diagnosis.sample import Doubles, Fitted, Indices
from hotshelf_trainer.errors import RecipeError


@dataclass(frozen=True, slots=True)
class Mean:
    """Foretells the mean of what it learned from."""

    truth: Doubles

    def fit(self, rows: Indices, parameters: Mapping[str, Any], seed: int) -> Fitted:
        level = float(self.truth[rows].mean()) + seed
        return lambda asked: np.full(len(asked), level)


@dataclass(frozen=True, slots=True)
class Deadly(Mean):
    """The first ``deaths`` fits take their workers with them (SIGKILL), as the operating system does for memory."""

    folder: Path = Path()
    deaths: int = 1

    def fit(self, rows: Indices, parameters: Mapping[str, Any], seed: int) -> Fitted:
        for number in range(self.deaths):
            try:
                (self.folder / f"{number}").touch(exist_ok=False)
            except FileExistsError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)
        return Mean.fit(self, rows, parameters, seed)


@dataclass(frozen=True, slots=True)
class Slow(Mean):
    """Takes ``seconds`` for every fit but the first, and leaves a file for each that it began."""

    seconds: float = 2.0
    folder: Path = Path()

    def fit(self, rows: Indices, parameters: Mapping[str, Any], seed: int) -> Fitted:
        (self.folder / str(seed)).touch()
        time.sleep(self.seconds if seed else 0)
        return Mean.fit(self, rows, parameters, seed)


@dataclass(frozen=True, slots=True)
class Refusing(Mean):
    """Refuses a parameter, and keeps count of how often it was asked."""

    folder: Path = Path()

    def fit(self, rows: Indices, parameters: Mapping[str, Any], seed: int) -> Fitted:
        if parameters.get("bad"):
            (self.folder / str(time.monotonic_ns())).touch()
            raise RecipeError("estimator.parameters.bad: expected none")
        return Mean.fit(self, rows, parameters, seed)


def fits_of(count: int, rows: int, **parameters: Any) -> list[Fit]:
    """Each learns from rows of its own draw."""
    draws = [np.random.default_rng(seed).integers(0, rows, rows) for seed in range(count)]
    return [Fit(draw, parameters, seed, (np.arange(3), np.arange(5))) for seed, draw in enumerate(draws)]
