"""LightGBM's prepared call for one row: what a call asks for is said once, not with every row.

Source: ``LGBM_BoosterPredictForMatSingleRowFast`` in LightGBM's ``include/LightGBM/c_api.h``.
"""

import ctypes
import threading
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.types import Array

ALL_TREES = (0, -1)
"""The first one, and how many."""


class Functions(Protocol):
    """LightGBM's functions, and the booster that some of them are about, which lives as long. Both raise what the
    library complains of."""

    def call(self, name: str, *arguments: Any) -> None:
        """One of the booster's, by its name behind ``LGBM_Booster``."""
        ...

    def ask(self, name: str, *arguments: Any) -> None:
        """Another one, by its whole name."""
        ...


class PreparedRow:
    """Scores single rows of one dtype, in one kind of prediction. Thread-safe: calls take turns, as within LightGBM."""

    def __init__(self, functions: Functions, kind: int, dtype: int, shape: tuple[int, int]) -> None:
        """``kind`` and ``dtype``: LightGBM's numbers; ``shape``: features, and what a row gets."""
        features, self._width = shape
        self._functions = functions
        self._lock = threading.Lock()
        self._handle = ctypes.c_void_p()
        self._count = ctypes.c_int64()
        functions.call(
            "PredictForMatSingleRowFastInit",
            kind,
            *ALL_TREES,
            dtype,
            ctypes.c_int32(features),
            b"num_threads=1",
            ctypes.byref(self._handle),
        )

    def __call__(self, row: Array) -> npt.NDArray[np.float64]:
        """[1, width] of a row [1, features], C-contiguous and of the dtype."""
        scores = np.empty((1, self._width))
        with self._lock:
            self._functions.ask(
                "LGBM_BoosterPredictForMatSingleRowFast",
                self._handle,
                ctypes.c_void_p(row.ctypes.data),
                ctypes.byref(self._count),
                ctypes.c_void_p(scores.ctypes.data),
            )
        return scores

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            self._functions.ask("LGBM_FastConfigFree", self._handle)
