"""What a command line or a request says of a recipe's data, over what the recipe says."""

from dataclasses import dataclass
from pathlib import Path

from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.recipes.reading import Recipe
from hotshelf_trainer.recipes.recommendation import Data, RecommendationRecipe


@dataclass(frozen=True, slots=True)
class Given:
    """None: as the recipe says."""

    data: Path | None = None
    products: Path | None = None
    until: str | None = None
    """ISO date (UTC): rows at or after it are ignored."""


def with_given(recipe: Recipe, given: Given) -> Recipe:
    """The recipe with the data that was given. Raises ``RecipeError`` for what its task doesn't take."""
    if isinstance(recipe, RecommendationRecipe):
        return recipe.model_copy(update={"data": _purchases(recipe.data, given)})
    if given.products is not None:
        raise RecipeError(f"--products: a recipe of task {recipe.task} takes none; only recommendation does")
    source = recipe.data if given.data is None else recipe.data.given(given.data)
    if given.until is not None:
        if recipe.time is None:
            raise RecipeError("--until: the recipe doesn't say which column is the time; add the key time to it")
        source = source.model_copy(update={"until": given.until})
    return recipe.model_copy(update={"data": source})


def _purchases(data: Data, given: Given) -> Data:
    said = {"path": given.data, "until": given.until}
    data = data.model_copy(update={key: value for key, value in said.items() if value is not None})
    if given.products is None:
        return data
    if data.products is None:
        raise RecipeError("--products: the recipe doesn't map a product file; add data.products.columns to it")
    return data.model_copy(update={"products": data.products.model_copy(update={"path": given.products})})
