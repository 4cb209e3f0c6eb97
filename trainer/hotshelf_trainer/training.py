"""Runs a recipe of any task."""

from hotshelf_store import Store
from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.outcome import Outcome
from hotshelf_trainer.progress import Progress
from hotshelf_trainer.recipes import Recipe, RecommendationRecipe, TabularRecipe, UnsupervisedRecipe
from hotshelf_trainer.run import Run

ASIDE_FILE = "aside.parquet"


def train(recipe: Recipe, store: Store, model: str, progress: Progress, run: Run | None = None) -> Outcome:
    """Train, judge and publish. Raises ``TrainingError`` where recipe and data don't fit, and the store's errors."""
    run = run or Run()
    if run.study is not None and getattr(recipe, "search", None) is None:
        raise RecipeError("--study keeps a search for hyperparameters, and this recipe has none; add the key search")
    if run.dask is not None and not isinstance(recipe, TabularRecipe):
        raise RecipeError(f"--dask fans out classification, regression and ranking; task {recipe.task} is trained here")
    if isinstance(recipe, RecommendationRecipe):
        from hotshelf_trainer.recommendation.pipeline import train as train_recommender  # noqa: PLC0415 - heavy
        from hotshelf_trainer.recommendation.summary import summary_of  # noqa: PLC0415 - as above

        return summary_of(train_recommender(recipe, store, model, progress, run.author))
    if isinstance(recipe, UnsupervisedRecipe):
        from hotshelf_trainer.unsupervised.pipeline import train as train_unsupervised  # noqa: PLC0415 - as above

        return train_unsupervised(recipe, store, model, progress, run)
    from hotshelf_trainer.tabular.pipeline import train as train_table  # noqa: PLC0415 - as above

    return train_table(recipe, store, model, progress, run)
