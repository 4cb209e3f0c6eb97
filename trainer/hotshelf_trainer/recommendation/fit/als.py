"""Item factors of ALS (Hu, Koren, Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008)."""

import warnings

import numpy as np
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from hotshelf_server.runtimes.recommender.state import Floats
from hotshelf_trainer.recipes.recommendation import Als


def als(inputs: csr_matrix, options: Als, seed: int, threads: int) -> tuple[Floats, Floats]:
    """(factors [products, f], gram [f, f] = factors' factors + regularization I), which fold-in needs.

    ``inputs`` [customers, products] weighs each preference; the confidence is 1 + ``options.confidence`` times that.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # implicit warns of things about BLAS that the limit below settles
        from implicit.cpu.als import AlternatingLeastSquares  # noqa: PLC0415 - a second to import, only trainings need it

        model = AlternatingLeastSquares(
            factors=options.factors,
            regularization=options.regularization,
            alpha=options.confidence,
            iterations=options.iterations,
            num_threads=threads,
            random_state=seed,
        )
        with threadpool_limits(1, "blas"):
            model.fit(inputs, show_progress=False)
    factors = np.asarray(model.item_factors, dtype=np.float32)
    gram = factors.T @ factors + np.float32(options.regularization) * np.eye(options.factors, dtype=np.float32)
    return factors, gram.astype(np.float32)
