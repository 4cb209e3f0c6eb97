"""Where onnxruntime isn't installed, or is broken, a model that asks for it is served without, and is told so."""

import subprocess
import sys
from pathlib import Path

import pytest

from hotshelf_server.runtimes.trees import Unsupported
from hotshelf_server.runtimes.trees.library import open_library
from tests.fakes.boosters import model_text

SCRIPT = """
import logging, sys
sys.modules["onnxruntime"] = None  # what can't be imported, and isn't found
from pathlib import Path
from hotshelf_server.runtimes import RuntimePolicy
from hotshelf_server.runtimes.scorer import load_scorer
logging.basicConfig(level=logging.WARNING, format="%(message)s")
for tolerance in (None, 0.0):
    scorer = load_scorer(Path(sys.argv[1]), RuntimePolicy(engine="auto", engine_tolerance=tolerance))
    print(*scorer.engines.names)
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    try:
        open_library()
    except Unsupported as reason:
        pytest.skip(str(reason))
    path = tmp_path / "model.txt"
    path.write_bytes(model_text("binary"))
    return path


def test_the_other_engines_take_part_and_a_warning_says_what_to_install(model: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(model)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == ["trees lightgbm-row lightgbm"] * 2
    (warning,) = done.stderr.splitlines()
    assert warning.startswith("model.txt has an engine_tolerance, but onnxruntime")
    assert warning.endswith("pip install 'hotshelf[onnx]'")


BROKEN = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from hotshelf_server.runtimes import HotshelfError, RuntimePolicy
from hotshelf_server.runtimes.scorer import load_scorer
scorer = load_scorer(Path(sys.argv[1]), RuntimePolicy(engine="auto", engine_tolerance=0.0))
try:
    scorer.make_ready("onnxruntime")
except HotshelfError as error:
    print(error)
"""


def test_one_that_can_not_be_imported_is_an_engine_that_can_not_be_made_ready(tmp_path: Path, model: Path) -> None:
    (tmp_path / "onnxruntime.py").write_text("raise ImportError('no such symbol')")
    done = subprocess.run(
        [sys.executable, "-c", BROKEN, str(model), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == ["onnxruntime can't be imported: no such symbol"]
