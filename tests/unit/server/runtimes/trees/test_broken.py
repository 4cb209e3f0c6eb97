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
        ("binary", rb"^left_child=\S+", b"left_child=900000000", "leads to a node or leaf that its tree hasn't"),
        ("binary", rb"^left_child=\S+", b"left_child=-900000000", "leads to a node or leaf that its tree hasn't"),
        ("binary", rb"^left_child=\S+", b"left_child=0", "several nodes lead to the same one, or some to the root"),
        ("binary", rb"^split_feature=\S+", b"split_feature=900000000", "splits by a feature beyond the model's 5"),
        ("categories", rb"^threshold=.*", b"threshold=" + b" ".join([b"99"] * 19), "names no set of categories"),
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
