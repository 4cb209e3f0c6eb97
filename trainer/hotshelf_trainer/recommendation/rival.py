"""The present champion on equal terms: the same customers, and the same history to go by."""

from dataclasses import replace

from hotshelf_server.runtimes.recommender.ranker import Rankers
from hotshelf_server.runtimes.recommender.state import State
from hotshelf_trainer import recipes
from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.recipes.recommendation import RecommendationRecipe
from hotshelf_trainer.recommendation.answers import answer
from hotshelf_trainer.recommendation.artifacts import Answers, Truth
from hotshelf_trainer.recommendation.champion import Champion, rebased
from hotshelf_trainer.recommendation.facts import facts_at
from hotshelf_trainer.recommendation.fitting import Task, fitted_of
from hotshelf_trainer.recommendation.rows import rows_of
from hotshelf_trainer.recommendation.split import day

LEARNING = ("decay", "ease", "als", "candidates", "ranker", "seed", "threads")
"""The parts of a recipe that decide what is learned from given purchases."""


def champion_answers(
    task: Task, champion: Champion | None, answers: Answers, truth: Truth
) -> tuple[Answers | None, str]:
    """The champion's answers to the test window, knowing what the candidate knew, and how that was brought about."""
    if champion is None:
        return None, "the model had no champion"
    cut = task.parts.test.cut
    if champion.state is None or champion.rankers is None:
        why = f"this release can't read version {champion.version}"
    elif champion.state.facts.end > cut:
        why = (
            f"version {champion.version} has seen the test window (its data reach {day(champion.state.facts.end - 1)})"
        )
    else:
        note = f"version {champion.version} kept what it had learned and was given the same history up to {day(cut)}"
        facts = facts_at(task.purchases, cut, champion.state.settings)
        state = rebased(champion.state, task.purchases.catalogue, facts)
        return _answers_of(task, f"Champion version {champion.version}", state, champion.rankers, truth), note
    note = f"{why}, so its recipe was fitted again up to {day(cut)}"
    recipe = _champion_recipe(champion, task.recipe)
    if _same_learning(recipe, task.recipe):
        return answers, f"{note}, which gives the candidate itself: both recipes learn the same"
    task.progress.say(note)
    again = fitted_of(replace(task, recipe=recipe))
    return _answers_of(task, f"Recipe of champion version {champion.version}", again.state, again.rankers, truth), note


def _answers_of(task: Task, who: str, state: State, rankers: Rankers, truth: Truth) -> Answers:
    with task.progress.stage(f"{who} on the test window") as share:
        return answer(rankers, rows_of(state, truth, share), task.recipe.threads)


def _champion_recipe(champion: Champion, recipe: RecommendationRecipe) -> RecommendationRecipe:
    """What the champion's recipe says of learning; of data and windows, what the candidate's says."""
    if not champion.recipe_text:
        raise RecipeError(
            f"champion version {champion.version} keeps no recipe in its lineage and can't be put on equal terms; "
            "train under another --name, or promote with --force --reason"
        )
    content = recipes.parse_as(
        RecommendationRecipe, recipes.content_of(champion.recipe_text), f"recipe of version {champion.version}"
    )
    return recipe.model_copy(update={part: getattr(content, part) for part in LEARNING})


def _same_learning(one: RecommendationRecipe, other: RecommendationRecipe) -> bool:
    return all(getattr(one, part) == getattr(other, part) for part in LEARNING)
