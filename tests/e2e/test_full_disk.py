"""A full disk under the store is named, loses nothing, and takes the next training when there is room."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.trainer.tabular.tables import NO_DIAGNOSIS

RECIPE = f"""
name: tumours
task: classification
data: {{builtin: breast_cancer}}
target: target
estimator: {{name: LogisticRegression, parameters: {{max_iter: 2000}}}}
split: {{folds: 2}}
diagnosis: {NO_DIAGNOSIS}
""".replace("False", "false")

# The disk takes the model's smaller files and not the report.
SCRIPT = """
set -u
mount -t tmpfs -o size={size} tmpfs "$1"
train() { "$2" -c 'import sys; from hotshelf_cli.main import main; sys.exit(main())' \
  train "$3" --store "$1" --name tumours >"$4" 2>&1; echo "exit $?" >>"$4"; }
train "$1" "$2" "$3" "$4.full"
ls "$1"/tumours >"$4.left" 2>&1
mount -o remount,size=64m "$1"
train "$1" "$2" "$3" "$4.room"
"""


@pytest.fixture
def said(tmp_path: Path) -> Path:
    """The beginning of the names of what was printed: on the full disk, what it left, and with room."""
    own_mounts = [shutil.which("unshare") or "false", "--map-root-user", "--mount"]
    if subprocess.run([*own_mounts, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets no user mount a disk of a size of their own (unshare --map-root-user --mount)")
    root, recipe, out = tmp_path / "store", tmp_path / "recipe.yaml", tmp_path / "said"
    root.mkdir()
    recipe.write_text(RECIPE)
    script = SCRIPT.replace("{size}", "32k")
    subprocess.run(
        [*own_mounts, "sh", "-c", script, "sh", root, sys.executable, recipe, out],
        check=True,
        timeout=300,
    )
    return out


def test_a_full_disk_is_named_nothing_is_half_published_and_the_next_training_lands(said: Path) -> None:
    full, left, room = (said.with_suffix(f".{name}").read_text() for name in ("full", "left", "room"))
    assert "No space left on device" in full
    assert "Traceback" not in full
    assert full.endswith("exit 2\n")
    assert "versions" not in left.split()
    assert "tumours version 1 published" in " ".join(room.split())
    assert room.endswith("exit 0\n")
