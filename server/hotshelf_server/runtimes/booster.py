"""LightGBM's scorer through its C interface, without its Python package.

Importing that package costs a second and over 100 MB, since it brings pandas and scikit-learn along; its shared
library alone costs a fraction. A server that starts, and each trial load, pays for the scorer and nothing else.
Source: LightGBM's ``include/LightGBM/c_api.h``.
"""

import ctypes
import logging
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hotshelf_server.core.background import in_background
from hotshelf_server.core.errors import HotshelfError
from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.booster_row import PreparedRow
from hotshelf_server.runtimes.texts.check import check_text
from hotshelf_server.runtimes.texts.head import Said
from hotshelf_server.runtimes.trees.errors import Broken

log = logging.getLogger(__name__)

DTYPES = {np.dtype("f4"): 0, np.dtype("f8"): 1}
"""LightGBM's numbers for the dtypes of rows."""

NORMAL, RAW, LEAF, CONTRIBUTIONS = range(4)
"""Kinds of prediction: on the objective's scale, the sum of the trees, each tree's leaf, each feature's part (SHAP)."""

GAIN = 1
"""Importance by the gain of a feature's splits."""

ALL_TREES = -1


class BoosterError(HotshelfError):
    """LightGBM refused a model or rows."""

    reason = "BOOSTER_ERROR"


class Booster:
    """A model in LightGBM's text format, ready to score. Scoring is thread-safe and leaves the interpreter's lock."""

    def __init__(self, text: str | bytes) -> None:
        """``text``, as UTF-8 where it is bytes. Raises `BoosterError` for a text that is no model, or one in which
        LightGBM would lose its way."""
        self.raw_text = text.encode() if isinstance(text, str) else text
        """The model, in UTF-8."""
        said = _checked(self.raw_text)
        # Some milliseconds a megabyte, which neighbours' calls should not wait for.
        self._handle = in_background(lambda: _Handle(self.raw_text))
        self.features = self._number("GetNumFeature")
        """Columns of a row."""
        self.outputs = self._number("NumModelPerIteration")
        """Numbers that each row gets: 1, or one for each class."""
        self.trees = self._number("NumberOfTotalModel")
        """Trees, those of all classes together."""
        found = Said(self.features, self.outputs, self.trees)
        if found != said:
            raise BoosterError(f"LightGBM found {found} in the text, expected {said}")

    @classmethod
    def load(cls, path: Path) -> "Booster":
        """Read a file. Raises `BoosterError`."""
        return cls(read_text(path))

    @property
    def text(self) -> str:
        """The model. Raises `BoosterError` where it isn't UTF-8."""
        # Not decoded before somebody asks: for megabytes of trees, calls would wait for the interpreter.
        return decoded(self.raw_text)

    def predict(self, rows: Array, *, raw: bool = False, threads: int = 1) -> npt.NDArray[np.float64]:
        """Scores of rows [n, features] of float32 or float64: [n], or [n, outputs] for several outputs."""
        scores = self._scores(rows, self.outputs, RAW if raw else NORMAL, threads)
        return scores if self.outputs > 1 else scores[:, 0]

    def prepared(self, dtype: np.dtype[Any], *, raw: bool = False) -> PreparedRow:
        """What scores single rows of float32 or float64. Raises `BoosterError`."""
        return PreparedRow(self._handle, RAW if raw else NORMAL, DTYPES[dtype], (self.features, self.outputs))

    def leaves(self, rows: Array, *, threads: int = 1) -> npt.NDArray[np.int32]:
        """[n, trees] the leaf of each tree that a row falls into; trees iteration by iteration, classes within one."""
        return self._scores(rows, self.trees, LEAF, threads).astype(np.int32)

    def contributions(self, rows: Array, *, threads: int = 1) -> npt.NDArray[np.float64]:
        """[n, outputs * (features + 1)] what each feature adds to the raw score (SHAP), and last the expected score.

        Class by class for several outputs; a class's numbers sum to its raw score. Raises `BoosterError` for linear
        trees, which LightGBM can't explain.
        """
        return self._scores(rows, self.outputs * (self.features + 1), CONTRIBUTIONS, threads)

    def gain(self) -> npt.NDArray[np.float64]:
        """[features] the gain of each feature's splits in all trees."""
        gains = np.empty(self.features)
        self._handle.call("FeatureImportance", ALL_TREES, GAIN, _pointer(gains))
        return gains

    def _scores(self, rows: Array, width: int, kind: int, threads: int) -> npt.NDArray[np.float64]:
        """[n, width] what a kind of prediction gives."""
        rows = taken(rows, self.features)
        scores = np.empty((len(rows), width))
        if len(rows):
            self._score(rows, scores, kind, threads)
        return scores

    def _score(self, rows: Array, scores: npt.NDArray[np.float64], kind: int, threads: int) -> None:
        count = ctypes.c_int64()
        self._handle.call(
            "PredictForMat",
            _pointer(rows),
            DTYPES[rows.dtype],
            ctypes.c_int32(len(rows)),
            ctypes.c_int32(self.features),
            1,  # row-major
            kind,
            0,  # from the first tree on
            ALL_TREES,
            f"num_threads={threads}".encode(),
            ctypes.byref(count),
            _pointer(scores),
        )

    def _number(self, name: str) -> int:
        number = ctypes.c_int()
        self._handle.call(name, ctypes.byref(number))
        return number.value


def read_text(path: Path) -> bytes:
    """A model's file, whatever is in it. Raises `BoosterError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BoosterError(f"can't read {path.name}: {error}") from error


def decoded(text: bytes) -> str:
    """Raises `BoosterError` where it isn't UTF-8."""
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise BoosterError(f"the text is not UTF-8: {error}") from error


def taken(rows: Array, features: int) -> Array:
    """Rows as they are scored, copied where they aren't in C order. Raises `BoosterError` for other rows."""
    rows = np.ascontiguousarray(rows)
    if rows.dtype not in DTYPES or rows.ndim != 2 or rows.shape[1] != features:
        raise BoosterError(f"rows {rows.dtype} {list(rows.shape)}, expected float32 or float64 [-1, {features}]")
    return rows


def _checked(text: bytes) -> Said:
    """What a text says that LightGBM may read. Raises `BoosterError` for another one."""
    try:
        return check_text(text)
    except Broken as error:
        raise BoosterError(str(error)) from error


class _Handle:
    """A model in LightGBM's memory, for as long as this object lives."""

    def __init__(self, text: bytes) -> None:
        """Raises `BoosterError` for a text that is no model."""
        self._library = preload()
        self._pointer = ctypes.c_void_p()
        trees = ctypes.c_int()
        self._library.LGBM_RegisterLogCallback(LISTENER)  # each thread of LightGBM's has its own
        self._check(
            self._library.LGBM_BoosterLoadModelFromString(text, ctypes.byref(trees), ctypes.byref(self._pointer))
        )

    def call(self, name: str, *arguments: Any) -> None:
        """One of the library's functions of a booster. Raises `BoosterError`."""
        self.ask(f"LGBM_Booster{name}", self._pointer, *arguments)

    def ask(self, name: str, *arguments: Any) -> None:
        """Another of its functions. Raises `BoosterError`."""
        self._check(getattr(self._library, name)(*arguments))

    def _check(self, failed: int) -> None:
        if failed:
            raise BoosterError(self._library.LGBM_GetLastError().decode(errors="replace"))

    def __del__(self) -> None:
        if getattr(self, "_pointer", None):
            self._library.LGBM_BoosterFree(self._pointer)


@cache
def preload() -> ctypes.CDLL:
    """The shared library that LightGBM's package carries, with its messages sent to our log."""
    package = find_spec("lightgbm")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("No module named 'lightgbm'", name="lightgbm")
    library = ctypes.CDLL(str(Path(package.origin).parent / "lib" / "lib_lightgbm.so"))
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    library.LGBM_RegisterLogCallback(LISTENER)
    return library


def _listen(message: bytes) -> None:
    log.debug("%s", message.decode(errors="replace").strip())


LISTENER = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(_listen)
"""Kept for as long as the library may call it."""


def _pointer(array: Array) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
