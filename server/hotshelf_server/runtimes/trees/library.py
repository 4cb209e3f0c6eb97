"""The compiled library, which a package may lack: it was built where there was no compiler."""

import ctypes
from enum import IntEnum
from functools import cache
from pathlib import Path

from hotshelf_server.runtimes.trees.errors import Unsupported

FILE = Path(__file__).with_name("_trees.so")
ABI = 5
"""What ``native/trees.h`` calls itself; raised with every change to what passes between the two."""


class Instructions(IntEnum):
    """Instruction sets that the library knows."""

    PLAIN = 0
    AVX2 = 1
    AVX512 = 2


class Model(ctypes.Structure):
    """``hs_model``."""

    _fields_ = [
        *(
            (name, ctypes.c_void_p)
            for name in ("groups", "thresholds", "categories", "bits", "trees", "nodes", "values")
        ),
        *((name, ctypes.c_int64) for name in ("features", "n_groups", "n_categories", "columns", "n_trees", "classes")),
        ("transform", ctypes.c_int64),
        ("sigmoid", ctypes.c_double),
        ("divisor", ctypes.c_double),
        ("zero", ctypes.c_double),
        ("stride", ctypes.c_int64),
        ("exp", ctypes.c_void_p),
        ("log1p", ctypes.c_void_p),
    ]


@cache
def open_library(path: Path = FILE) -> ctypes.CDLL:
    """Raises `Unsupported` where it is missing, or of another version than this module."""
    if not path.exists():
        raise Unsupported("the library was not compiled; where there is a compiler, installing the package anew does")
    try:
        library = ctypes.CDLL(str(path))
        found = library.hs_trees_abi()
    except (OSError, AttributeError) as error:
        raise Unsupported(f"the library can't be loaded: {error}") from error
    if found != ABI:
        raise Unsupported(f"the library is of version {found}, expected {ABI}: compile it anew")
    _declare(library)
    return library


@cache
def holding_lock(library: ctypes.CDLL) -> ctypes.PyDLL:
    """The same library; its functions keep the interpreter's lock while they run."""
    same = ctypes.PyDLL(library._name, handle=library._handle)  # noqa: SLF001 - how ctypes is told to load nothing anew
    _declare(same)
    return same


def _declare(library: ctypes.CDLL) -> None:
    pointer, number = ctypes.c_void_p, ctypes.c_int32
    library.hs_trees_score.argtypes = (pointer, pointer, ctypes.c_int64, number, number, number, pointer)
    library.hs_trees_convert.argtypes = (pointer, pointer, ctypes.c_int64, pointer)
    library.hs_trees_convert.restype = None
    library.hs_trees_numbers.argtypes = (ctypes.c_char_p, ctypes.c_int64, pointer, ctypes.c_int64, pointer)
    library.hs_trees_numbers.restype = ctypes.c_int64


def functions() -> tuple[int, int]:
    """Addresses of ``exp`` and ``log1p`` in the C library that this process runs on, and LightGBM with it."""
    process = ctypes.CDLL(None)
    try:
        found = [ctypes.cast(getattr(process, name), ctypes.c_void_p).value or 0 for name in ("exp", "log1p")]
    except AttributeError as error:
        raise Unsupported(f"the process has no such function: {error}") from error
    return found[0], found[1]


def available(library: ctypes.CDLL) -> tuple[Instructions, ...]:
    """The instruction sets of this machine, the best one last."""
    return tuple(Instructions(number) for number in range(library.hs_trees_best() + 1))
