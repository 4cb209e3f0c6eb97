"""What the engine doesn't know, it leaves to LightGBM, and says why."""

import re

import pytest

from hotshelf_server.runtimes.trees import Unsupported, compile_trees
from hotshelf_server.runtimes.trees.columns import MOST_CATEGORY, MOST_WORDS
from tests.fakes.boosters import linear_text, model_text, without_sizes


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
        (rb"^max_feature_idx=4", b"max_feature_idx=1", r"tree 0: node \d+ splits by feature ., expected 0 to 1"),
        (rb"^decision_type=\d+", b"decision_type=12", "decides in a way that is not known here"),
        (rb"^threshold=\S+", b"threshold=nan", "threshold holds NaN"),
        (rb"^threshold=\S+ ", b"threshold=", "threshold of tree 0 has 18 numbers, expected 19"),
        (rb"^leaf_value=\S+", b"leaf_value=0.5x", "leaf_value holds what is no number"),
        (rb"^num_leaves=\d+", b"num_leaves=0", "a tree has no leaf"),
        (rb"^num_leaves=\d+", b"", "num_leaves of tree 0 has 0 numbers, expected 1"),
        (rb"^leaf_value=\S+", b"leaf_value=many", "leaf_value holds what is no number"),
        (rb"^left_child=\S+", b"left_child=0.5", "left_child holds what is no whole number"),
        (rb"^left_child=\S+", b"left_child=0", "tree 0: node 0 is a child 1 times, expected 0"),
        (rb"^end of trees", b"end of story", "no line 'end of trees'"),
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
        (rb"^threshold=.*", b"threshold=" + b" ".join([b"99"] * 19), "splits by set 99 of categories, expected one of"),
    ],
)
def test_sets_of_categories_that_do_not_fit_are_refused(old: bytes, new: bytes, reason: str) -> None:
    text, count = re.subn(old, new, model_text("categories"), flags=re.MULTILINE)
    assert count
    with pytest.raises(Unsupported, match=reason):
        compile_trees(text)


def tree_of_set(number: int, words: list[int]) -> bytes:
    """A tree of two leaves that splits by a set of categories."""
    pairs = {
        "num_leaves": 2, "num_cat": 1, "split_feature": 0, "threshold": 0, "decision_type": 1, "left_child": -1,
        "right_child": -2, "leaf_value": "0.1 0.2", "cat_boundaries": f"0 {len(words)}",
        "cat_threshold": " ".join(map(str, words)), "is_linear": 0,
    }  # fmt: skip
    return "\n".join([f"\nTree={number}", *(f"{key}={value}" for key, value in pairs.items()), ""]).encode()


def test_sets_of_categories_that_would_take_far_more_memory_than_their_text_are_refused() -> None:
    """All sets of a feature are as long as the longest one."""
    words = MOST_CATEGORY // 32 - 1
    sets = [[0] * (words - 1) + [1], *([number] for number in range(1, MOST_WORDS // words + 1))]
    head = without_sizes(model_text("categories")).split(b"\nTree=")[0]
    text = head + b"".join(map(tree_of_set, range(len(sets)), sets)) + b"\nend of trees\n"
    assert len(text) < 1 << 18
    with pytest.raises(Unsupported, match="the sets of categories take more than 32 MiB"):
        compile_trees(text)
