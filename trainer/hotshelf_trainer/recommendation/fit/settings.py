"""The constants of a version, from its recipe."""

from hotshelf_server.runtimes.recommender.state import Settings
from hotshelf_trainer.recipes.recommendation import RecommendationRecipe


def settings_of(recipe: RecommendationRecipe) -> Settings:
    """What candidates and features are made with."""
    return Settings(
        history_candidates=recipe.candidates.history,
        ease_candidates=recipe.candidates.ease,
        als_candidates=recipe.candidates.als,
        popular_candidates=recipe.candidates.popular,
        frequency_decay_days=recipe.decay.frequency,
        input_decay_days=recipe.decay.input,
        recent_decay_days=recipe.decay.recent,
        popularity_days=recipe.decay.popularity,
        als_confidence=recipe.als.confidence,
        als_regularization=recipe.als.regularization,
        live=recipe.live,
    )
