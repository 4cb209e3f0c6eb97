"""What the engine doesn't know, it leaves to LightGBM, and says why."""

import re

import pytest

from hotshelf_server.runtimes.trees import Unsupported, compile_trees
from tests.fakes.boosters import linear_text, model_text


def test_linear_trees_are_left_to_lightgbm() -> None:
    with pytest.raises(Unsupported, match="its trees are linear"):
        compile_trees(linear_text())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (rb"^version=v4", b"version=v5", r"version 'v5', known are v3, v4"),
        (rb"^label_index=0", b"shift=1", "the text says shift, which is not known here"),
        (rb"^objective=.*", b"objective=pinball", "objective 'pinball' is not known here"),
        (rb"^objective=.*", b"objective=binary sqrt", "objective 'binary sqrt' is not known here"),
        (rb"^objective=.*", b"objective=binary sigmoid:x", "sigmoid:x, expected a number"),
        (rb"^num_tree_per_iteration=1", b"num_tree_per_iteration=4", "6 trees, expected a multiple of 4"),
        (rb"^max_feature_idx=4", b"max_feature_idx=", "max_feature_idx is b'', expected a whole number"),
        (rb"^max_feature_idx=4", b"max_feature_idx=1", "splits by a feature beyond the model's 2"),
        (rb"^decision_type=\d+", b"decision_type=12", "decides in a way that is not known here"),
        (rb"^threshold=\S+", b"threshold=nan", "threshold holds NaN"),
        (rb"^threshold=\S+ ", b"threshold=", "threshold of tree 0 has 18 numbers, expected 19"),
        (rb"^leaf_value=\S+", b"leaf_value=0.5x", "leaf_value holds what is no number"),
        (rb"^num_leaves=\d+", b"num_leaves=0", "a tree has no leaf"),
        (rb"^num_leaves=\d+", b"", "num_leaves of tree 0 has 0 numbers, expected 1"),
        (rb"^leaf_value=\S+", b"leaf_value=many", "leaf_value holds what is no number"),
        (rb"^left_child=\S+", b"left_child=0.5", "left_child holds what is no whole number"),
        (rb"^left_child=\S+", b"left_child=0", "nodes are not in the order in which LightGBM numbers them"),
        (rb"^end of trees", b"end of story", "the text has no trees"),
    ],
)
def test_what_is_not_known_is_refused_with_its_reason(old: bytes, new: bytes, reason: str) -> None:
    text, count = re.subn(old, new, model_text("regression"), flags=re.MULTILINE)
    assert count
    with pytest.raises(Unsupported, match=reason):
        compile_trees(text)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (rb"^cat_boundaries=0", b"cat_boundaries=1", "sets of categories don't fit together"),
        (rb"^cat_threshold=\d+", b"cat_threshold=-1", "sets of categories don't fit together"),
        (
            rb"^cat_threshold=\d+",
            b"cat_threshold=4294967296",
            "cat_threshold holds what is no whole number, or a large",
        ),
        (rb"^threshold=.*", b"threshold=" + b" ".join([b"99"] * 19), "names no set of categories"),
    ],
)
def test_sets_of_categories_that_do_not_fit_are_refused(old: bytes, new: bytes, reason: str) -> None:
    text, count = re.subn(old, new, model_text("categories"), flags=re.MULTILINE)
    assert count
    with pytest.raises(Unsupported, match=reason):
        compile_trees(text)
