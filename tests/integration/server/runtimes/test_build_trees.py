"""The tree engine's library is compiled where there is a compiler, and done without where there is none."""

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
PACKAGE = Path("server/hotshelf_server/runtimes/trees")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / PACKAGE).mkdir(parents=True)
    shutil.copytree(ROOT / PACKAGE / "native", tmp_path / PACKAGE / "native")
    shutil.copy(ROOT / "server" / "build_trees.py", tmp_path / "server")
    return tmp_path


def build(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(checkout / "server" / "build_trees.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)


def test_a_checkout_gets_a_library_of_this_version(checkout: Path) -> None:
    found = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not found:
        pytest.skip("no C compiler")
    done = build(checkout, CC=f"{found} -O0", PATH=str(Path(found).parent))
    assert (done.returncode, done.stderr) == (0, "")
    library = ctypes.CDLL(str(checkout / PACKAGE / "_trees.so"))
    assert library.hs_trees_abi() == abi()


@pytest.mark.parametrize(
    ("compiler", "reason"),
    [
        ("/nowhere/cc", "/nowhere/cc: "),
        ("false", "false failed: "),
        ("", "no C compiler (looked for CC, cc, gcc, clang,"),
    ],
)
def test_without_a_compiler_the_reason_is_told_and_no_old_library_stays(
    checkout: Path, compiler: str, reason: str
) -> None:
    (checkout / PACKAGE / "_trees.so").write_text("old")
    done = build(checkout, CC=compiler, PATH="/nowhere" if not compiler else "/usr/bin:/bin")
    assert done.returncode == 1
    assert done.stderr.startswith(reason)
    assert sorted(path.name for path in (checkout / PACKAGE).iterdir()) == ["native"]


def abi() -> int:
    """The version that the header says; the Python side holds itself to it when it opens a library."""
    header = (ROOT / PACKAGE / "native" / "trees.h").read_text()
    return next(int(line.split()[2]) for line in header.splitlines() if line.startswith("#define HS_ABI"))
