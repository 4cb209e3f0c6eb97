"""Recipes: what to train from what."""

from hotshelf_trainer.recipes.reading import KINDS, Recipe, content_of, parse, parse_as, read, schema, text_of
from hotshelf_trainer.recipes.recommendation import RecommendationRecipe
from hotshelf_trainer.recipes.tabular import (
    ClassificationRecipe,
    RankingRecipe,
    RegressionRecipe,
    TabularRecipe,
)
from hotshelf_trainer.recipes.unsupervised import (
    AnomalyRecipe,
    ClusteringRecipe,
    DecompositionRecipe,
    UnsupervisedRecipe,
)

__all__ = [
    "KINDS",
    "AnomalyRecipe",
    "ClassificationRecipe",
    "ClusteringRecipe",
    "DecompositionRecipe",
    "RankingRecipe",
    "Recipe",
    "RecommendationRecipe",
    "RegressionRecipe",
    "TabularRecipe",
    "UnsupervisedRecipe",
    "content_of",
    "parse",
    "parse_as",
    "read",
    "schema",
    "text_of",
]
