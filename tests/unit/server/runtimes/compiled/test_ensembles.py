"""Trees as the engine reads them: inner nodes and leaves numbered apart, and nothing that it could not take."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.tree import DecisionTreeRegressor

from hotshelf_server.runtimes.compiled.ensembles import MOST_LEAVES, constant, ensemble, grown
from hotshelf_server.runtimes.trees import Unsupported

ROWS = np.array([[0.0], [1.0], [2.0], [3.0]])


def stump_of_three() -> DecisionTreeRegressor:
    """Two splits: at 1.5, and at 0.5 on its left."""
    return DecisionTreeRegressor(max_leaf_nodes=3).fit(ROWS, [0.0, 1.0, 9.0, 9.0])


def test_inner_nodes_and_leaves_are_numbered_apart() -> None:
    model = ensemble([constant(4.0), grown(stump_of_three().tree_, 1, 0.5)], 1, 1, missing=False)
    assert model.leaves.tolist() == [1, 3]
    assert model.threshold.tolist() == [1.5, 0.5]
    assert {(int(left), int(right)) for left, right in zip(model.left, model.right, strict=True)} == {(1, -1), (-2, -3)}
    assert sorted(model.value.tolist()) == [0.0, 0.5, 4.0, 4.5]
    assert model.decision.tolist() == [0, 0]
    assert model.zero == 0.0


def test_where_nan_may_come_each_node_says_where_it_goes() -> None:
    tree = grown(stump_of_three().tree_, 1)
    model = ensemble([replace(tree, missing_left=np.array([True, False]))], 1, 1, missing=True)
    assert model.decision.tolist() == [2 << 2 | 2, 2 << 2]


def test_values_for_several_classes_lie_class_by_class() -> None:
    tree = constant(0.0)
    trees = [replace(tree, values=np.array([[1.0, 2.0]])), replace(tree, values=np.array([[3.0, 4.0]]))]
    model = ensemble(trees, 1, 2, missing=False, spread=True)
    assert model.value.tolist() == [1.0, 3.0, 2.0, 4.0]


def test_too_many_leaves_are_not_read() -> None:
    half = replace(constant(0.0), values=np.zeros((MOST_LEAVES // 2 + 1, 1)))
    with pytest.raises(Unsupported, match=f"{MOST_LEAVES + 2} leaves, at most {MOST_LEAVES} are taken"):
        ensemble([half, half], 1, 1, missing=False)


def test_a_threshold_that_is_no_number_is_refused() -> None:
    tree = grown(stump_of_three().tree_, 1)
    with pytest.raises(Unsupported, match="a threshold is NaN"):
        ensemble([replace(tree, threshold=np.array([0.5, np.nan]))], 1, 1, missing=False)
