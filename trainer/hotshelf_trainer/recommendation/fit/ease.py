"""EASE-R in closed form (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019)."""

import numpy as np
import numpy.typing as npt
from scipy.linalg import get_lapack_funcs
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from hotshelf_server.runtimes.recommender.state import Floats, Ints


def ease(inputs: csr_matrix, regularization: float, threads: int) -> Floats:
    """Solve min |X - X B|^2 + regularization |B|^2 with diag(B) = 0.

    ``inputs`` is X [customers, products]. B = I - P / diag(P) with P = (X'X + regularization I)^-1.
    Needs two float32 matrices [products, products]: 0.3 GB at 6,000 products.
    """
    gram = np.asarray((inputs.T @ inputs).todense(), dtype=np.float32)
    gram[np.diag_indices_from(gram)] += np.float32(regularization)
    with threadpool_limits(threads, "blas"):
        inverse = _inverse(gram)
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return np.asarray(weights, dtype=np.float32)


def _inverse(matrix: Floats) -> Floats:
    """Inverse of a symmetric positive definite matrix through its Cholesky factor; the argument is overwritten."""
    factor, invert = get_lapack_funcs(("potrf", "potri"), (matrix,))
    # The transpose of a C-ordered symmetric matrix is itself in the order that LAPACK works on in place.
    upper, info = factor(matrix.T, lower=False, overwrite_a=True, clean=False)
    if info:
        raise np.linalg.LinAlgError(
            f"EASE: the matrix of {len(matrix)} products is not positive definite; raise ease.regularization"
        )
    triangle, _ = invert(upper, lower=False, overwrite_c=True)
    rows = np.triu(triangle)
    return np.asarray(rows + np.triu(triangle, 1).T, dtype=np.float32)


def strongest(weights: Floats, count: int) -> tuple[Ints, npt.NDArray[np.float32]]:
    """The ``count`` largest entries by magnitude of each row, by column: (columns, values)."""
    count = min(count, weights.shape[1])
    columns = np.empty((len(weights), count), dtype=np.int32)
    for row, values in enumerate(weights):
        columns[row] = np.sort(np.argpartition(np.abs(values), len(values) - count)[len(values) - count :])
    return columns, np.take_along_axis(weights, columns, axis=1)
