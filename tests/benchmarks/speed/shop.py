"""A recommender from a store, such as the one that `make demo` leaves."""

from pathlib import Path

import numpy as np

from hotshelf_server.core.types import Array
from hotshelf_server.runtimes import RuntimePolicy, recommender
from hotshelf_server.runtimes.loading import signature_of
from hotshelf_server.runtimes.recommender import state as states
from hotshelf_store import open_store
from tests.benchmarks.speed.model import Model, Tensor

NAME = "shop"
PRODUCTS = 10
AS_OF = 2e9
"""Seconds since the epoch. Ages of purchases are counted from then, so that answers stay the same."""


def shop(root: Path) -> Model:
    """The champion of model shop: ten products for each row, which is a customer. Raises what the store raises."""
    store = open_store(root)
    version = store.incumbent(NAME)
    folder = store.files(NAME, version)
    manifest = store.manifest(NAME, version)
    servable = recommender.load(folder, signature_of(manifest), dict(manifest.runtime_options), RuntimePolicy())
    customers = np.array([name.encode() for name in states.load(folder).facts.customers], dtype=object)
    parameters = {"as_of": AS_OF}

    def answer(rows: Array) -> Array:
        return servable.predict({"customer": rows}, parameters).outputs["score"]

    def draw(rows: int, seed: int) -> Array:
        return np.random.default_rng([rows, seed]).choice(customers, rows)

    given, answered = Tensor("customer", "BYTES", None), Tensor("score", "FP64", PRODUCTS)
    return Model(NAME, root, None, given, answered, 1e-9, answer, draw, parameters)
