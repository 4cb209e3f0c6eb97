"""What scoring trees costs on one thread: ``python -m tests.benchmarks.tree_scoring [--rounds N] [--json FILE]``.

A binary model of 500 trees with 63 leaves on 28 features scores varied rows, each once a round. The engines take turns
in each round, and the least round of each counts: a neighbour on the machine only ever adds to it. Before that, answers
are held to LightGBM's own, to the last bit; for onnxruntime this takes float64, by which it is a tenth slower than
by float32.
"""

import argparse
import ctypes
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import lightgbm
import numpy as np

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes.booster import DTYPES, RAW, Booster, preload
from hotshelf_server.runtimes.onnx_scores import OnnxScores
from hotshelf_server.runtimes.trees import compile_trees
from hotshelf_server.runtimes.trees.library import available, open_library

ONNX, PREPARED = "onnxruntime", "LightGBM prepared"
TREES, LEAVES, FEATURES = 500, 63, 28
SIZES = (1, 8, 32, 512, 1024, 20_000)
LEAST_ROWS = 2_000
"""Rows of a round, in as many calls as that takes."""

Score = Callable[[Array], Array]


def train() -> str:
    """The model's text."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60_000, FEATURES)).astype(np.float32)
    signal = rows @ rng.normal(size=FEATURES) + 3 * np.sin(3 * rows[:, 0]) * rows[:, 1] + 2 * rng.normal(size=len(rows))
    parameters = {"objective": "binary", "num_leaves": LEAVES, "learning_rate": 0.05, "verbose": -1}
    return str(lightgbm.train(parameters, lightgbm.Dataset(rows, signal > 0), TREES).model_to_string())


class Prepared:
    """LightGBM's call for one row, prepared once."""

    def __init__(self, text: str) -> None:
        self._library = preload()
        self._booster, self._call = ctypes.c_void_p(), ctypes.c_void_p()
        trees = ctypes.c_int()
        self._library.LGBM_BoosterLoadModelFromString(text.encode(), ctypes.byref(trees), ctypes.byref(self._booster))
        failed = self._library.LGBM_BoosterPredictForMatSingleRowFastInit(
            self._booster, RAW, 0, -1, DTYPES[np.dtype("f4")], FEATURES, b"num_threads=1", ctypes.byref(self._call)
        )
        if failed:
            raise RuntimeError(self._library.LGBM_GetLastError().decode())
        self._count = ctypes.c_int64()
        self._said = ctypes.byref(self._count)

    def __call__(self, row: Array) -> Array:
        """[1] the raw score of one row."""
        score = np.empty(1)
        given, found = ctypes.c_void_p(row.ctypes.data), ctypes.c_void_p(score.ctypes.data)
        self._library.LGBM_BoosterPredictForMatSingleRowFast(self._call, given, self._said, found)
        return score


def engines(text: str) -> Mapping[str, Score]:
    """What takes part, by its name."""
    package, booster = lightgbm.Booster(model_str=text), Booster(text)
    found: dict[str, Score] = {
        "LightGBM package": lambda rows: np.asarray(package.predict(rows, raw_score=True, num_threads=1)),
        "LightGBM C": lambda rows: booster.predict(rows, raw=True),
        PREPARED: Prepared(text),
    }
    onnx = OnnxScores(compile_trees(text.encode()))
    onnx.make_ready(tolerance=0.0)
    found[ONNX] = lambda rows: onnx.predict(rows, raw=True)
    for instructions in available(open_library()):
        found[f"trees {instructions.name}"] = compile_trees(text.encode(), instructions).raw_scores
    return found


def measure(taking_part: Mapping[str, Score], size: int, rounds: int) -> Mapping[str, float]:
    """Microseconds a row of each engine, at batches of a size."""
    rng = np.random.default_rng(size)
    calls = max(1, LEAST_ROWS // size)
    rows = rng.normal(size=(calls, size, FEATURES)).astype(np.float32)
    spent: dict[str, list[float]] = {name: [] for name in taking_part}
    for _ in range(rounds):
        for name, score in taking_part.items():
            before = time.perf_counter()
            for batch in rows:
                score(batch)
            spent[name].append(time.perf_counter() - before)
    return {name: min(seconds) / (calls * size) * 1e6 for name, seconds in spent.items()}


def check(taking_part: Mapping[str, Score]) -> None:
    """Raise `AssertionError` for an engine whose answers aren't LightGBM's."""
    rows = np.random.default_rng(1).normal(size=(500, FEATURES)).astype(np.float32)
    expected = taking_part["LightGBM C"](rows)
    for name, score in taking_part.items():
        singly = np.concatenate([score(row) for row in rows[:, None]]).ravel()
        at_once = singly if name == PREPARED else score(rows).ravel()
        for found in (singly, at_once):
            np.testing.assert_array_equal(found, expected, err_msg=name)


def show(figures: Mapping[int, Mapping[str, float]]) -> None:
    """Print microseconds a row, and how many times as fast as others' fastest ways the tree engine is."""
    names = list(next(iter(figures.values())))
    print("µs a row".ljust(28), *(f"{size:>8}" for size in figures))
    for name in names:
        print(name.ljust(28), *(f"{row[name]:8.2f}" if name in row else " " * 8 for row in figures.values()))
    for name in (one for one in names if one.startswith("trees")):
        for other in ("LightGBM", ONNX):
            ratios = (least(row, other) / row[name] for row in figures.values())
            print(f"{name} to {other}".ljust(28), *(f"{ratio:8.1f}" for ratio in ratios))


def least(row: Mapping[str, float], engine: str) -> float:
    """The fastest way of an engine."""
    return min(figure for name, figure in row.items() if name.startswith(engine))


def main() -> None:
    """Measure, print, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    taking_part = engines(train())
    check(taking_part)
    figures = {}
    for size in SIZES:
        fit = {name: score for name, score in taking_part.items() if size == 1 or name != PREPARED}
        figures[size] = measure(fit, size, arguments.rounds)
    show(figures)
    if arguments.json:
        arguments.json.write_text(json.dumps({"microseconds_a_row": figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
