import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_trainer.diagnosis.crossing import Fold, Problem, crossed, joined, rows_of_groups
from hotshelf_trainer.diagnosis.metrics import metric_of
from hotshelf_trainer.diagnosis.sample import Sample
from hotshelf_trainer.errors import DataError
from tests.unit.trainer.diagnosis.learners import Mean


def test_what_is_held_out_is_predicted_by_the_fold_that_did_not_learn_from_it() -> None:
    problem = Problem(np.array([0.0, 0.0, 6.0, 6.0]), np.array([0, 0, 1, 1]))
    first, last = np.array([0, 1]), np.array([2, 3])
    found = crossed(Mean(problem), problem, [Fold(first, last), Fold(last, first)], {})
    assert found.held_out.truth.tolist() == [6, 6, 0, 0]
    assert found.held_out.predictions.tolist() == [0, 0, 6, 6]
    assert found.train.predictions.tolist() == [0, 0, 6, 6]
    assert found.held_out.groups.tolist() == [1, 1, 0, 0]


def test_a_fold_judged_on_what_it_learned_from_is_refused() -> None:
    problem = Problem(np.arange(4.0), np.arange(4))
    with pytest.raises(DataError, match="fold 1 is judged on 1 rows"):
        crossed(
            Mean(problem),
            problem,
            [Fold(np.array([0]), np.array([1])), Fold(np.array([0, 1]), np.array([1, 2]))],
            {},
        )


def test_no_fold_is_refused() -> None:
    problem = Problem(np.arange(4.0), np.arange(4))
    with pytest.raises(DataError, match="no fold"):
        crossed(Mean(problem), problem, [], {})


def test_a_query_ranked_by_two_folds_counts_as_two() -> None:
    good = Sample(np.array([1, 0]), np.array([0.9, 0.1]), np.zeros(2, int), np.array([5, 5]))
    bad = good.predicted(np.array([0.1, 0.9]))
    both = joined([good, bad])
    assert metric_of("ranking", "mrr")(both.truth, both.predictions, query=both.query) == pytest.approx(0.75)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.lists(st.integers(0, 5), max_size=8))
def test_a_drawn_group_brings_all_its_rows_as_often_as_it_was_drawn(groups: list[int], chosen: list[int]) -> None:
    of = np.array(groups)
    rows = np.arange(len(groups))[::2]
    expected = [row for group in chosen for row in rows if of[row] == group]
    assert rows_of_groups(of, rows, np.array(chosen, dtype=np.int64)).tolist() == expected
