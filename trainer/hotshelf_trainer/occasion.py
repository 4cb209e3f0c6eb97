"""Whether there is an occasion to train: the champion is old, or the data have moved since it learned."""

from dataclasses import dataclass

from hotshelf_store import CHAMPION, Store, lead
from hotshelf_trainer.errors import RecipeError
from hotshelf_trainer.recipes import Recipe
from hotshelf_trainer.recipes.table import TableRecipe

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Occasion:
    """What makes a training worth its while, one of these being enough; with none of them it always is."""

    older_than_seconds: float = 0.0
    """Age of the champion; 0: no matter."""
    drift_above: float = 0.0
    """Population stability index of any feature since the champion learned; 0: no matter."""

    @property
    def named(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.older_than_seconds or self.drift_above)


ALWAYS = Occasion()


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether to train, and why or why not, in words."""

    train: bool
    why: str


def look(occasion: Occasion, recipe: Recipe, store: Store, model: str, now: float) -> Answer:
    """Is there one? ``now``: seconds since the epoch. The data are read only where the age alone doesn't tell.

    Raises ``RecipeError`` for a drift of what keeps no profile, and what reading the data and the champion raise.
    """
    if not occasion.named:
        return Answer(train=True, why="nothing was said of an occasion")
    if occasion.drift_above and not isinstance(recipe, TableRecipe):
        raise RecipeError(
            f"drift: a model of task {recipe.task} keeps no profile of its data; expected a table's, or an age alone"
        )
    champion = lead(store.aliases(model), CHAMPION)
    if not champion:
        return Answer(train=True, why=f"{model} has no champion yet")
    age = now - store.manifest(model, champion).created_at.ToNanoseconds() / 1e9
    said = f"champion version {champion} is {age / DAY:.1f} days old"
    if occasion.older_than_seconds:
        limit = f"{occasion.older_than_seconds / DAY:g} days"
        if age > occasion.older_than_seconds:
            return Answer(train=True, why=f"{said}, more than {limit}")
        said += f", no more than {limit}"
    if not occasion.drift_above or not isinstance(recipe, TableRecipe):
        return Answer(train=False, why=said)
    return _moved(occasion, recipe, store, model, said)


def _moved(occasion: Occasion, recipe: TableRecipe, store: Store, model: str, said: str) -> Answer:
    from hotshelf_trainer.table.champion import champion_of, drift_since  # noqa: PLC0415 - where data are read alone
    from hotshelf_trainer.table.intake import take  # noqa: PLC0415 - as above

    found = drift_since(champion_of(store, model, type(recipe), recipe.task), take(recipe).features)
    if not found:
        return Answer(train=True, why=f"{said}, and it shares no feature with the data")
    most = max(found, key=lambda one: one.psi)
    figure = f"{most.column} has moved most since, by a population stability index of {most.psi:.3f}"
    if most.psi > occasion.drift_above:
        return Answer(train=True, why=f"{said}; {figure}, more than {occasion.drift_above:g}")
    return Answer(train=False, why=f"{said}; {figure}, no more than {occasion.drift_above:g}")
