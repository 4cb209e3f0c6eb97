"""Where onnxruntime isn't installed, a model that asks for it is served without, and a warning says so."""

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


def test_the_other_engines_take_part_and_a_warning_says_what_to_install(tmp_path: Path) -> None:
    try:
        open_library()
    except Unsupported as reason:
        pytest.skip(str(reason))
    (tmp_path / "model.txt").write_bytes(model_text("binary"))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "model.txt")],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == ["trees lightgbm-row lightgbm"] * 2
    (warning,) = done.stderr.splitlines()
    assert warning.startswith("model.txt has an engine_tolerance, but onnxruntime")
    assert warning.endswith("pip install 'hotshelf[onnx]'")
