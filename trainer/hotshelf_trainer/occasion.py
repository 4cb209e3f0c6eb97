"""Whether there is an occasion to train: the champion is old, or the data have moved since it learned."""

from collections.abc import Sequence
from dataclasses import dataclass

from hotshelf_store import CHAMPION, Store, lead
from hotshelf_trainer.diagnosis.drift import Drift
from hotshelf_trainer.recipes import Recipe, RecommendationRecipe

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

    Raises what reading the data and the champion raise.
    """
    if not occasion.named:
        return Answer(train=True, why="nothing was said of an occasion")
    champion = lead(store.aliases(model), CHAMPION)
    if not champion:
        return Answer(train=True, why=f"{model} has no champion yet")
    age = now - store.manifest(model, champion).created_at.ToNanoseconds() / 1e9
    said = f"champion version {champion} is {age / DAY:.1f} days old"
    if limit := occasion.older_than_seconds:
        old = age > limit
        said += f", {'more' if old else 'no more'} than {limit / DAY:g} days"
        if old:
            return Answer(train=True, why=said)
    if not occasion.drift_above:
        return Answer(train=False, why=said)
    moved = _moved(occasion.drift_above, _drift(recipe, store, model, champion))
    return Answer(moved.train, f"{said}; {moved.why}")


def _moved(limit: float, found: Sequence[Drift]) -> Answer:
    if not found:
        return Answer(train=True, why="it keeps no profile that the data could be held to")
    figure = f"{found[0].column} has moved most since, by a population stability index of {found[0].psi:.3f}"
    much = found[0].psi > limit
    return Answer(much, f"{figure}, {'more' if much else 'no more'} than {limit:g}")


def _drift(recipe: Recipe, store: Store, model: str, champion: int) -> Sequence[Drift]:
    """Most moved first."""
    if isinstance(recipe, RecommendationRecipe):
        from hotshelf_trainer.recommendation import habits  # noqa: PLC0415 - where data are read alone
        from hotshelf_trainer.recommendation.data import purchases_from  # noqa: PLC0415 - as above

        return habits.drift_since(store, model, champion, purchases_from(recipe.data))
    from hotshelf_trainer.table.champion import champion_of, drift_since  # noqa: PLC0415 - as above
    from hotshelf_trainer.table.intake import take  # noqa: PLC0415 - as above

    return drift_since(champion_of(store, model, type(recipe), recipe.task), take(recipe).features)
