"""Instructions of the tree engine's compiled kernels, counted by callgrind: exact, on however busy a machine.

They depend on the compiler. valgrind knows no AVX-512, so kernels that use it go uncounted.
"""

import platform
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

import build_trees
from hotshelf_server.runtimes.trees.library import Instructions, available, open_library
from tests.budgets.forest import FEATURES, LEAVES, TREES, Forest, forest
from tests.budgets.table import Measure, Uncounted

ROOT = Path(__file__).parents[2]
DRIVER = Path(__file__).with_name("driver.c")
SECONDS = 120


@dataclass(frozen=True, slots=True)
class Workbench:
    """A folder with the compiled engine, its driver, and a forest."""

    folder: Path
    forest: Forest
    instructions: Sequence[Instructions]

    def scores(self, rows: int, instructions: Instructions) -> npt.NDArray[np.float64]:
        """[rows] what the driver answers, with nobody counting."""
        return np.frombuffer(self._run([], rows, instructions))

    def count(self, rows: int, instructions: Instructions) -> int:
        """Instructions for so many rows, per row. Raises `Uncounted`."""
        if instructions not in self.instructions:
            raise Uncounted(f"this machine has no {instructions.name}")
        output = self.folder / f"{instructions.name}-{rows}.callgrind"
        valgrind = [
            *("valgrind", "--quiet", "--tool=callgrind", "--toggle-collect=hs_trees_score"),
            f"--callgrind-out-file={output}",
        ]
        self._run(valgrind, rows, instructions)
        found = re.search(r"^summary: (\d+)$", output.read_text(), re.MULTILINE)
        if not found or not int(found[1]):
            raise RuntimeError(f"callgrind counted nothing: {output.read_text()[:500]}")
        return round(int(found[1]) / rows)

    def _run(self, under: Sequence[str], rows: int, instructions: Instructions) -> bytes:
        words = [str(self.folder / "driver"), str(self.folder / "forest"), self.forest.rows_at, rows, int(instructions)]
        return subprocess.run([*under, *map(str, words)], capture_output=True, check=True, timeout=SECONDS).stdout


def set_up(folder: Path) -> Workbench:
    """Compile the engine as installing does, and its driver. Raises `Uncounted`."""
    if not shutil.which("valgrind"):
        raise Uncounted("no valgrind")
    if not build_trees.compiler():
        raise Uncounted("no C compiler")
    native = folder / build_trees.PACKAGE / "native"
    shutil.copytree(ROOT / build_trees.PACKAGE / "native", native)
    if reason := build_trees.build(folder):
        raise RuntimeError(reason)
    library = folder / build_trees.LIBRARY
    subprocess.run(
        [
            *build_trees.compiler(), "-O2", "-std=gnu11", f"-I{native}", "-o", str(folder / "driver"), str(DRIVER),
            str(library), f"-Wl,-rpath,{library.parent}",
        ],
        check=True,
        timeout=SECONDS,
    )  # fmt: skip
    grown = forest()
    grown.save(folder / "forest")
    return Workbench(folder, grown, available(open_library(library)))


@cache
def environment() -> str:
    """The compiler, its major version, and the machine's kind."""
    command = build_trees.compiler()
    if not command:
        return "no compiler"
    said = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True, timeout=SECONDS).stdout
    version = re.search(r"\b(\d+)\.\d+", said.splitlines()[0])
    name = "clang" if "clang" in said else "gcc"
    return f"{name} {version[1] if version else 'of no version'}, {platform.machine()}"


def take(rows: int, instructions: Instructions) -> int:
    """One count, on a workbench of its own."""
    with TemporaryDirectory() as folder:
        return set_up(Path(folder)).count(rows, instructions)


def measure(rows: int, instructions: Instructions) -> Measure:
    """What is counted for so many rows."""
    model = f"{TREES} trees of {LEAVES} leaves, {FEATURES} features"
    name = f"instructions a row, {rows} at once, {instructions.name}: {model}"
    return Measure(environment(), name, partial(take, rows, instructions))


COUNTED = ((1, Instructions.PLAIN), (64, Instructions.PLAIN), (32, Instructions.AVX2), (512, Instructions.AVX2))
"""Rows and instruction sets: a row that walks, and blocks."""


def measures() -> Sequence[Measure]:
    """All of them."""
    return [measure(*one) for one in COUNTED]
