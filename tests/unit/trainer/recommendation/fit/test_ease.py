import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from hotshelf_trainer.recommendation.fit.ease import ease, strongest


@pytest.mark.parametrize("regularization", [1.0, 50.0])
def test_ease_equals_the_closed_form_column_by_column(regularization: float) -> None:
    """Each column of B is a ridge regression of that product on all others."""
    inputs = (np.random.default_rng(0).random((60, 12)) < 0.3).astype(np.float64)
    found = ease(csr_matrix(inputs), regularization, threads=1)
    for target in range(12):
        others = np.arange(12) != target
        left = inputs[:, others]
        expected = np.linalg.solve(left.T @ left + regularization * np.eye(11), left.T @ inputs[:, target])
        np.testing.assert_allclose(found[others, target], expected, atol=1e-5)
        assert found[target, target] == 0


@given(st.integers(1, 6), st.integers(0, 1000))
def test_the_strongest_entries_of_each_row_are_kept(count: int, seed: int) -> None:
    weights = np.random.default_rng(seed).standard_normal((5, 5)).astype(np.float32)
    columns, values = strongest(weights, count)
    for row in range(5):
        kept = np.sort(np.abs(values[row]))[::-1]
        np.testing.assert_array_equal(kept, np.sort(np.abs(weights[row]))[::-1][:count])
        np.testing.assert_array_equal(values[row], weights[row, columns[row]])
        assert (np.diff(columns[row]) > 0).all()
