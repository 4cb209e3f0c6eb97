"""Fits the recipe's estimator, behind its preparation, on rows of a table."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import NMF, PCA, TruncatedSVD
from sklearn.ensemble import IsolationForest
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import Pipeline

from hotshelf_trainer.diagnosis.sample import Doubles, Indices
from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.recipes.unsupervised import AnomalyRecipe, ClusteringRecipe, DecompositionRecipe
from hotshelf_trainer.table.preparation import preparation, settled
from hotshelf_trainer.table.roles import Roles

AnyRecipe = ClusteringRecipe | AnomalyRecipe | DecompositionRecipe

ESTIMATORS: Mapping[str, Any] = {
    each.__name__: each
    for each in (
        KMeans,
        MiniBatchKMeans,
        GaussianMixture,
        IsolationForest,
        LocalOutlierFactor,
        PCA,
        NMF,
        TruncatedSVD,
    )
}
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    # One start would often end in a poor optimum, and look as if other rows gave other clusters.
    "KMeans": {"n_init": 10},
    "MiniBatchKMeans": {"n_init": 10},
    "GaussianMixture": {"n_init": 3},
    "NMF": {"init": "nndsvda", "max_iter": 1000},
}
OURS = ("n_clusters", "contamination", "novelty", "random_state", "n_jobs")
"""What the recipe's own keys say, and its estimator's parameters therefore may not."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A pipeline that has learned."""

    pipeline: Pipeline
    notes: tuple[str, ...]
    """What the estimator had to say of its fit."""

    @property
    def learned(self) -> Any:
        """The estimator at its end."""
        return self.pipeline[-1]

    @property
    def has_clusters(self) -> bool:
        """Whether it says of each row which of several clusters it is in."""
        return isinstance(self.learned, KMeans | MiniBatchKMeans | GaussianMixture)

    def prepared(self, frame: pd.DataFrame) -> Doubles:
        """[n, prepared columns] rows as the estimator sees them."""
        return np.asarray(self.pipeline[:-1].transform(frame), dtype=np.float64)

    def labels(self, frame: pd.DataFrame) -> npt.NDArray[np.int64]:
        """[n] each row's cluster; of a detector -1 where it is flagged, else 1."""
        return np.asarray(self.pipeline.predict(frame), dtype=np.int64)

    def oddness(self, frame: pd.DataFrame) -> Doubles:
        """[n] a detector's scores; higher is more anomalous."""
        return -np.asarray(self.pipeline.score_samples(frame), dtype=np.float64)

    def components(self, frame: pd.DataFrame) -> Doubles:
        """[n, components]"""
        return np.asarray(self.pipeline.transform(frame), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Learner:
    """A recipe for the columns of a table."""

    roles: Roles
    recipe: AnyRecipe

    def fit(self, frame: pd.DataFrame, size: int | None) -> Fitted:
        """``size``: how many clusters or components; None where there is no such number.

        Raises ``RecipeError`` for parameters that the estimator refuses.
        """
        pipeline = Pipeline([("prepare", self._preparation()), ("learn", self.estimator(size))])
        with self._refusals(), warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always", ConvergenceWarning)
            pipeline.fit(frame)
        return Fitted(pipeline, tuple(dict.fromkeys(str(one.message) for one in told)))

    def clusters(self, prepared: Doubles, learning: Indices, size: int) -> npt.NDArray[np.int64]:
        """[n] the clusters of prepared rows by an estimator that learned from some of them; what it says is not told.

        Drawn rows may have fewer distinct ones among them than clusters, which shows in the stability.
        """
        with self._refusals(), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return np.asarray(self.estimator(size).fit(prepared[learning]).predict(prepared), dtype=np.int64)

    def prepared(self, frame: pd.DataFrame) -> Doubles:
        """[n, prepared columns] the rows as an estimator that learns from them sees them."""
        return np.asarray(self._preparation().fit_transform(frame), dtype=np.float64)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, TypeError) as error:
            name = self.recipe.estimator.name
            raise RecipeError(f"estimator {name} refuses what it was given: {error}") from error

    def _preparation(self) -> ColumnTransformer:
        return preparation(self.roles, self.recipe.preprocessing)

    def estimator(self, size: int | None) -> Any:
        """The estimator, not fitted. Raises ``RecipeError`` for parameters that it doesn't have, or that we decide."""
        name, said = self.recipe.estimator.name, self.recipe.estimator.parameters
        own = self._own(size)
        for key in (*OURS, *own):
            if key in said:
                raise RecipeError(f"estimator.parameters.{key}: the recipe's own keys decide that; leave it out")
        try:
            estimator = ESTIMATORS[name](**{**DEFAULTS.get(name, {}), **said, **own})
        except TypeError as error:
            raise RecipeError(f"estimator.parameters: {name} refuses them: {error}") from error
        return settled(estimator, said, self.recipe.seed, self.recipe.threads)

    def _own(self, size: int | None) -> Mapping[str, Any]:
        if isinstance(self.recipe, AnomalyRecipe):
            novelty = {"novelty": True} if self.recipe.estimator.name == "LocalOutlierFactor" else {}
            return {"contamination": self.recipe.contamination, **novelty}
        return {"n_clusters" if "KMeans" in self.recipe.estimator.name else "n_components": size}
