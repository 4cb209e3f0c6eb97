"""The collaborative models, fitted on what was known at a cut."""

import numpy as np
from scipy.sparse import csr_matrix

from hotshelf_server.runtimes.recommender.state import Facts, Ints, Learned, Settings
from hotshelf_trainer.recipes.recommendation import RecommendationRecipe
from hotshelf_trainer.recommendation.fit.als import als
from hotshelf_trainer.recommendation.fit.ease import ease, strongest


def most_active(facts: Facts, products: int, limit: int) -> Ints:
    """Catalogue indices of the ``limit`` products with the most buyers, at least one; sorted."""
    buyers = np.bincount(facts.product, minlength=products)
    order = np.argsort(-buyers, kind="stable")[:limit]
    return np.sort(order[buyers[order] > 0]).astype(np.int32)


def inputs_of(facts: Facts, products: Ints, catalogue_size: int, settings: Settings) -> csr_matrix:
    """[customers, places]: exp(-age / input_decay_days) of the last purchase, as the fold-in weighs it."""
    place = np.full(catalogue_size, -1, dtype=np.int32)
    place[products] = np.arange(len(products), dtype=np.int32)
    customer = np.repeat(np.arange(len(facts.customers), dtype=np.int32), np.diff(facts.start))
    column = place[facts.product]
    kept = column >= 0
    values = np.exp(facts.last_age[kept] * np.float32(-1 / settings.input_decay_days))
    return csr_matrix((values, (customer[kept], column[kept])), shape=(len(facts.customers), len(products)))


def learn(facts: Facts, catalogue_size: int, settings: Settings, recipe: RecommendationRecipe) -> Learned:
    """Fit EASE and ALS on the histories in ``facts``."""
    products = most_active(facts, catalogue_size, recipe.ease.products)
    inputs = inputs_of(facts, products, catalogue_size, settings)
    neighbours, weights = strongest(ease(inputs, recipe.ease.regularization, recipe.threads), recipe.ease.neighbours)
    factors, gram = als(inputs, recipe.als, recipe.seed, recipe.threads)
    return Learned(products, neighbours, weights, factors, gram)
