"""Each way in which a text could lead LightGBM astray is refused, and what is said names the tree, the key and what was
expected."""

import re

import pytest

from hotshelf_server.runtimes.texts.check import MOST_DEPTH, check_text
from hotshelf_server.runtimes.texts.group import GROUP_BYTES
from hotshelf_server.runtimes.trees.errors import Broken
from tests.fakes.boosters import linear_text, model_text, without_sizes
from tests.unit.server.runtimes.texts.mutants import resized


def doctored(kind: str, old: bytes, new: bytes) -> bytes:
    """A text with its first place of a kind changed."""
    text = linear_text() if kind == "linear" else model_text(kind)
    text, count = re.subn(old, new, text, count=1, flags=re.MULTILINE)
    assert count
    return text


@pytest.mark.parametrize(
    ("kind", "old", "new", "reason"),
    [
        ("binary", rb"\Atree\n", b"tree \n", "the text begins with b'tree .*, expected a line 'tree'"),
        ("binary", rb"^version", b"=version", r"the head has a line b'=version=v4', expected KEY=VALUE"),
        ("binary", rb"^version=v4", b"version=v4\r", r"the head has a line b'version=v4\\r'"),
        ("binary", rb"^label_index=0", b"num_class=1", "the head says num_class twice, expected once"),
        ("binary", rb"^num_class=1\n", b"", "num_class is b'', expected a whole number"),
        ("binary", rb"^num_class=1", b"num_class=4294967297", "num_class is b'4294967297', expected a whole number"),
        ("binary", rb"^num_class=1", b"num_class=2", r"the text says \[2\] classes, expected 1"),
        ("binary", rb"^num_tree_per_iteration=1\n", b"", "num_tree_per_iteration is b'', expected a whole"),
        ("binary", rb"^num_tree_per_iteration=1", b"num_tree_per_iteration=0", r"says \[1\] classes, expected 0"),
        ("multiclass", rb" num_class:3", b" num_class:9", r"the text says \[3, 9\] classes, expected 3"),
        ("multiclass", rb" num_class:3", b" num_class:3x", r"the text says \[-1, 3\] classes, expected 3"),
        ("multiclass", rb" num_class:3", b" num_class:3 num_class:9", r"the text says \[3, 9\] classes, expected 3"),
        (
            "multiclass",
            rb"num_class=3\nnum_tree_per_iteration=3",
            b"num_class=4\nnum_tree_per_iteration=4",
            r"\[3, 4\]",
        ),
        ("binary", rb"^objective=.*", b"objective=", "objective is b'', expected a name"),
        ("binary", rb"^objective=.*", b"objective= ", "objective is b' ', expected a name"),
        ("binary", rb"^objective=.*", b"objective=multiclassova :num_class::9", "objective is b'multiclassova :num_cl"),
        ("binary", rb"^max_feature_idx=4", b"max_feature_idx=5", "feature_names has 5 words, expected 6"),
        ("binary", rb"^max_feature_idx=4", b"max_feature_idx=-1", "max_feature_idx is b'-1', expected a whole"),
        ("binary", rb"^(feature_infos=)\S+ ", rb"\1", "feature_infos has 4 words, expected 5"),
        ("binary", rb"^tree_sizes=\d+", b"tree_sizes=12", "tree_sizes says 12 bytes of tree 0, which has "),
        ("binary", rb"^tree_sizes=", b"tree_sizes=1 ", "tree_sizes has 7 numbers, expected 6"),
        ("binary", rb"^tree_sizes=\d+", b"tree_sizes=-12", "tree_sizes is b'-12 .*expected whole numbers"),
        ("binary", rb"^end of trees", b"end of story", "no line 'end of trees': it is no model, or was cut off"),
        ("binary", rb"(?s)^Tree=0.*\nend of trees", b"end of trees", "the text has no trees"),
        ("binary", rb"\Z", b"\0", "the text has a byte 0"),
    ],
)
def test_a_head_that_lightgbm_would_not_write_is_refused(kind: str, old: bytes, new: bytes, reason: str) -> None:
    with pytest.raises(Broken, match=reason):
        check_text(doctored(kind, old, new))


@pytest.mark.parametrize(
    ("kind", "old", "new", "reason"),
    [
        ("binary", rb"^Tree=1", b"Tree=2", "tree 1 begins with b'Tree=2', expected 'Tree=1'"),
        ("binary", rb"\n\n\nTree=1", b"\nTree=1", "tree 0: expected one block of lines, and an empty line behind it"),
        ("binary", rb"^shrinkage", b"\nshrinkage", "tree 0: expected one block of lines"),
        ("binary", rb"^split_gain", b"leaf_parent", "tree 0 has a line b'leaf_parent=.*, expected a key of LightGBM's"),
        ("binary", rb"^split_gain=.*", b"split_gain", "tree 0 has a line b'split_gain', expected a key of LightGBM's"),
        ("binary", rb"^split_gain=.*", b"num_cat=0", "tree 0 says num_cat twice, expected once"),
        ("binary", rb"^num_leaves=.*\n", b"", "tree 0 doesn't say num_leaves"),
        ("binary", rb"^left_child=.*\n", b"", "tree 0 doesn't say left_child"),
        ("binary", rb"^num_leaves=.*", b"num_leaves=0", "tree 0: num_leaves is 0, expected at least 1"),
        (
            "binary",
            rb"^num_leaves=.*",
            b"num_leaves=3000000000",
            "tree 0: num_leaves holds 3000000000, expected -21474",
        ),
        (
            "binary",
            rb"^num_leaves=.*",
            b"num_leaves=2147483647",
            "tree 0: split_feature has 19 numbers, expected 21474",
        ),
        ("binary", rb"^num_leaves=.*", b"num_leaves=2", "tree 0: split_feature has 19 numbers, expected 1"),
        ("binary", rb"^num_leaves=.*", b"num_leaves=20 ", r"tree 0: num_leaves holds b'', expected whole numbers"),
        ("binary", rb"^leaf_value=\S+ ", b"leaf_value=", "tree 0: leaf_value has 19 numbers, expected 20"),
        ("binary", rb"^leaf_weight=\S+ ", b"leaf_weight=", "tree 0: leaf_weight has 19 numbers, expected 20"),
        ("binary", rb"^leaf_count=\S+ ", b"leaf_count=", "tree 0: leaf_count has 19 numbers, expected 20"),
        ("binary", rb"^threshold=\S+ ", b"threshold=", "tree 0: threshold has 18 numbers, expected 19"),
        (
            "binary",
            rb"^threshold=\S+",
            b"threshold=0,5",
            "tree 0: threshold holds b'0,5', expected numbers with single",
        ),
        ("binary", rb"^threshold=\S+", b"threshold= 0.5", "tree 0: threshold holds b'', expected numbers with single"),
        ("binary", rb"^leaf_value=\S+", b"leaf_value=many", "tree 0: leaf_value holds b'many', expected numbers"),
        ("binary", rb"^split_gain=\S+", b"split_gain=1e", "tree 0: split_gain holds b'1e', expected numbers"),
        ("binary", rb"^internal_value=\S+", b"internal_value=\r1", r"tree 0: internal_value holds b'\\r1', expected"),
        (
            "binary",
            rb"^internal_weight=\S+ ",
            b"internal_weight=",
            "tree 0: internal_weight has 18 numbers, expected 19",
        ),
        (
            "binary",
            rb"^internal_count=\S+",
            b"internal_count=0.5",
            "tree 0: internal_count holds b'0.5', expected whole",
        ),
        ("binary", rb"^shrinkage=.*", b"shrinkage=", "tree 0: shrinkage has 0 numbers, expected 1"),
        ("binary", rb"^split_feature=\S+", b"split_feature=5", "tree 0: node 0 splits by feature 5, expected 0 to 4"),
        ("binary", rb"^split_feature=\S+", b"split_feature=-1", "tree 0: node 0 splits by feature -1, expected 0 to 4"),
        (
            "binary",
            rb"^decision_type=\S+",
            b"decision_type=12",
            "tree 0: node 0 has decision_type 12, expected 0 to 11",
        ),
        (
            "binary",
            rb"^decision_type=\S+",
            b"decision_type=-1",
            "tree 0: node 0 has decision_type -1, expected 0 to 11",
        ),
        (
            "binary",
            rb"^left_child=\S+",
            b"left_child=900000000",
            "tree 0: node 0 leads to 900000000, expected a node up",
        ),
        (
            "binary",
            rb"^right_child=\S+",
            b"right_child=19",
            "tree 0: node 0 leads to 19, expected a node up to 18 or a ",
        ),
        ("binary", rb"^left_child=\S+", b"left_child=-21", "tree 0: node 0 leads to -21, .*or a leaf down to -20"),
        ("binary", rb"^left_child=\S+", b"left_child=0", "tree 0: node 0 is a child 1 times, expected 0"),
        ("binary", rb"^is_linear=0", b"is_linear=1", "tree 0: is_linear is 1, expected all of leaf_coeff, leaf_const"),
        ("binary", rb"^is_linear=0", b"is_linear=2", "tree 0: is_linear is 2, expected 0 or 1"),
        ("binary", rb"^num_cat=0", b"num_cat=1", "tree 0: num_cat is 1, expected cat_boundaries, cat_threshold"),
        ("binary", rb"^num_cat=0", b"num_cat=-1", "tree 0: num_cat is -1"),
        ("binary", rb"^decision_type=\S+", b"decision_type=1", "tree 0: node 0 splits by set .* expected one of 0"),
        ("categories", rb"^num_cat=\d+", b"num_cat=99", "tree 0: cat_boundaries has . numbers, expected 100"),
        (
            "categories",
            rb"^cat_boundaries=0",
            b"cat_boundaries=1",
            "tree 0: cat_boundaries .*begins otherwise than with 0",
        ),
        ("categories", rb"^cat_boundaries=0 \d+", b"cat_boundaries=0 99", "tree 0: cat_boundaries falls"),
        ("categories", rb"^cat_boundaries=0 \d+", b"cat_boundaries=0 -1", "tree 0: cat_boundaries falls"),
        ("categories", rb"^(cat_boundaries=.* )\d+$", rb"\g<1>99", "tree 0: cat_threshold has . numbers, expected 99"),
        ("categories", rb"^cat_threshold=\d+", b"cat_threshold=-1", "tree 0: cat_threshold holds a negative number"),
        ("categories", rb"^cat_threshold=\d+", b"cat_threshold=4294967296", "tree 0: cat_threshold holds 4294967296"),
        (
            "categories",
            rb"^threshold=.*",
            b"threshold=" + b"99 " * 18 + b"99",
            "splits by set 99 of categories, expected",
        ),
        ("categories", rb"^threshold=.*", b"threshold=" + b"0.5 " * 18 + b"0", "splits by set 0.5 of categories"),
        ("categories", rb"^threshold=.*", b"threshold=" + b"nan " * 18 + b"0", "splits by set nan of categories"),
        ("linear", rb"^is_linear=1", b"is_linear=0", "tree 0: is_linear is 0, expected none of leaf_coeff, leaf_const"),
        ("linear", rb"^is_linear=1\n", b"", "tree 0: is_linear is 0, expected none of leaf_coeff, leaf_const"),
        ("linear", rb"^leaf_coeff=.*\n", b"", "tree 0: is_linear is 1, expected all of leaf_coeff"),
        ("linear", rb"^leaf_const=\S+ ", b"leaf_const=", r"tree 0: leaf_const has \d+ numbers, expected"),
        (
            "linear",
            rb"^leaf_const=\S+",
            b"leaf_const=1e400",
            "tree 0: leaf_const holds b'1e400', expected a number within",
        ),
        (
            "linear",
            rb"^leaf_const=\S+",
            b"leaf_const=0e-400",
            "tree 0: leaf_const holds b'0e-400', expected a number w",
        ),
        (
            "linear",
            rb"^leaf_coeff=[-.e0-9]+",
            b"leaf_coeff=1e-310",
            "tree 1: leaf_coeff holds b'1e-310', expected a num",
        ),
        ("linear", rb"^num_features=\S+ ", b"num_features=", r"tree 0: num_features has \d+ numbers, expected"),
        ("linear", rb"^num_features=\S+", b"num_features=-1", "tree 0: num_features holds a negative number"),
        (
            "linear",
            rb"^num_features=\S+",
            b"num_features=2000000000",
            "tree 0: leaf_coeff has 0 numbers, expected 2000",
        ),
        ("linear", rb"^leaf_features=[0-9]", b"leaf_features=2", "tree 1: leaf_features holds 2, expected 0 to 1"),
        ("linear", rb"^leaf_features=[0-9]", b"leaf_features=-1", "tree 1: leaf_features holds -1, expected 0 to 1"),
        ("linear", rb"^leaf_features=[0-9]", b"leaf_features=", r"tree 1: leaf_features has \d+ numbers, expected"),
        ("linear", rb"^leaf_coeff=[0-9]", b"leaf_coeff=x", "tree 1: leaf_coeff holds b'x.*expected numbers"),
    ],
)
def test_a_tree_in_which_lightgbm_would_lose_its_way_is_refused(kind: str, old: bytes, new: bytes, reason: str) -> None:
    with pytest.raises(Broken, match=reason):
        check_text(resized(doctored(kind, old, new)))


def tree(number: int, left: list[int], right: list[int]) -> bytes:
    """A tree with these children."""
    inner = len(left)
    pairs = {
        "num_leaves": [inner + 1], "num_cat": [0], "split_feature": [0] * inner, "threshold": [0] * inner,
        "decision_type": [2] * inner, "left_child": left, "right_child": right, "leaf_value": range(inner + 1),
    }  # fmt: skip
    lines = [f"{key}={' '.join(map(str, values))}" for key, values in pairs.items()]
    return "\n".join([f"\nTree={number}", *lines, "", ""]).encode()


def text_of(*trees: bytes) -> bytes:
    return without_sizes(model_text("regression")).split(b"\nTree=")[0] + b"".join(trees) + b"\nend of trees\n"


def chain(depth: int) -> bytes:
    """A tree each of whose nodes but the last has a leaf on its left."""
    return tree(0, [-node - 1 for node in range(depth)], [*range(1, depth), -depth - 1])


def test_a_tree_as_deep_as_is_taken_passes_and_a_deeper_one_does_not() -> None:
    check_text(text_of(chain(MOST_DEPTH)))
    with pytest.raises(Broken, match=f"tree 0 is deeper than {MOST_DEPTH} nodes"):
        check_text(text_of(chain(MOST_DEPTH + 1)))


def test_nodes_in_another_order_than_lightgbm_numbers_them_pass() -> None:
    check_text(text_of(tree(0, [2, -1, -2], [-3, -4, 1])))


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        ([-1, 2, 1], [-2, -3, -4], "tree 1: 1 nodes are reached from node 0, expected all 3"),
        ([1, 0, -1], [2, -2, -3], "tree 1: node 0 is a child 1 times, expected 0"),
        ([1, -1, -2], [1, -3, -4], "tree 1: node 1 is a child 2 times, expected 1"),
        ([1, -1, -2], [2, -1, -3], "tree 1: leaf -1 is a child 2 times, expected 1"),
    ],
)
def test_nodes_that_make_no_tree_are_refused(left: list[int], right: list[int], reason: str) -> None:
    with pytest.raises(Broken, match=reason):
        check_text(text_of(chain(3).replace(b"Tree=1", b"Tree=0"), tree(1, left, right)))


def test_a_fault_far_behind_is_told_by_its_tree_s_number() -> None:
    count = GROUP_BYTES // len(chain(50)) * 2 + 5
    trees = [chain(50).replace(b"Tree=0", b"Tree=%d" % number) for number in range(count)]
    trees[-2] = trees[-2].replace(b"left_child=-1 ", b"left_child=-99 ")
    with pytest.raises(Broken, match=f"tree {count - 2}: node 0 leads to -99"):
        check_text(text_of(*trees))
    trees[-2] = trees[-2].replace(b"left_child=-99 ", b"left_child=-1 ")
    assert check_text(text_of(*trees)).trees == count
