"""A library that is missing, broken or of another version is not used."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hotshelf_server.runtimes.trees import Unsupported
from hotshelf_server.runtimes.trees.library import ABI, FILE, open_library


def test_both_sides_name_one_version() -> None:
    header = (FILE.parent / "native" / "trees.h").read_text()
    said = re.search(r"#define HS_ABI (\d+)", header)
    assert said
    assert int(said[1]) == ABI


def test_a_missing_library_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="the library was not compiled"):
        open_library(tmp_path / "_trees.so")


def test_a_broken_library_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "broken.so").write_bytes(b"no library")
    with pytest.raises(Unsupported, match="the library can't be loaded"):
        open_library(tmp_path / "broken.so")


def test_a_library_of_another_version_is_not_used(tmp_path: Path) -> None:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        pytest.skip("no C compiler")
    (tmp_path / "old.c").write_text("int hs_trees_abi(void) { return -1; }")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", tmp_path / "old.so", tmp_path / "old.c"], check=True)
    with pytest.raises(Unsupported, match=f"the library is of version -1, expected {ABI}"):
        open_library(tmp_path / "old.so")
