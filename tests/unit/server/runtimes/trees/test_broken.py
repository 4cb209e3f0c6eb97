"""Trees that are none are refused, and not left to LightGBM, which doesn't look."""

import re
from pathlib import Path

import pytest

from hotshelf_server.runtimes import RuntimePolicy
from hotshelf_server.runtimes.booster import BoosterError
from hotshelf_server.runtimes.scorer import load_scorer
from tests.fakes.boosters import model_text, without_sizes


@pytest.mark.parametrize(
    ("kind", "old", "new", "reason"),
    [
        ("binary", rb"^left_child=\S+", b"left_child=900000000", "node 0 leads to 900000000, expected a node up to"),
        ("binary", rb"^left_child=\S+", b"left_child=-900000000", "node 0 leads to -900000000, .* or a leaf down to"),
        ("binary", rb"^left_child=\S+", b"left_child=0", "tree 0: node 0 is a child 1 times, expected 0"),
        (
            "binary",
            rb"^split_feature=\S+",
            b"split_feature=900000000",
            "tree 0: node 0 splits by feature 900000000, expected",
        ),
        (
            "categories",
            rb"^threshold=.*",
            b"threshold=" + b" ".join([b"99"] * 19),
            "splits by set 99 of categories, expected",
        ),
    ],
)
def test_trees_in_which_lightgbm_would_lose_its_way_are_refused(
    tmp_path: Path, kind: str, old: bytes, new: bytes, reason: str
) -> None:
    text, count = re.subn(old, new, without_sizes(model_text(kind)), flags=re.MULTILINE)
    assert count
    (tmp_path / "model.txt").write_bytes(text)
    with pytest.raises(BoosterError, match=reason):
        load_scorer(tmp_path / "model.txt", RuntimePolicy())
