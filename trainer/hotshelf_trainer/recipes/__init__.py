"""Recipes: what to train from what."""

from hotshelf_trainer.recipes.reading import KINDS, Recipe, content_of, parse, parse_as, read, schema, text_of
from hotshelf_trainer.recipes.recommendation import RecommendationRecipe
from hotshelf_trainer.recipes.tabular import (
    ClassificationRecipe,
    RankingRecipe,
    RegressionRecipe,
    TabularRecipe,
)

__all__ = [
    "KINDS",
    "ClassificationRecipe",
    "RankingRecipe",
    "Recipe",
    "RecommendationRecipe",
    "RegressionRecipe",
    "TabularRecipe",
    "content_of",
    "parse",
    "parse_as",
    "read",
    "schema",
    "text_of",
]
