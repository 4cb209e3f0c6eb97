"""Components: how many are needed, what they are made of, and how much of other rows they give back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hotshelf_trainer.diagnosis.components import (
    EXPLAINED,
    Backwards,
    ComponentCurve,
    backwards,
    component_curve,
    share,
    squares,
)
from hotshelf_trainer.diagnosis.intervals import Draws, drawn
from hotshelf_trainer.diagnosis.sample import Doubles, Indices, Sample
from hotshelf_trainer.recipes import DecompositionRecipe
from hotshelf_trainer.table.rivals import CHAMPION, Comparison, compared
from hotshelf_trainer.unsupervised.estimates import CHANCE, against_chance
from hotshelf_trainer.unsupervised.figures import Choice, Grid, Judged, Loading
from hotshelf_trainer.unsupervised.learner import Fitted
from hotshelf_trainer.unsupervised.plots import component_map, components_plot, loadings_plot
from hotshelf_trainer.unsupervised.sizes import counts_of, folds_of, refuse_negative
from hotshelf_trainer.unsupervised.subject import MOST_LEARNED, Subject

METRIC = "explained"
MEAN = "mean"


@dataclass(frozen=True, slots=True)
class Decomposed:
    """What was found of components on the test part."""

    curve: ComponentCurve
    columns: Mapping[str, float]
    """Share of each prepared column's variance that is given back."""
    chance: tuple[float, ...]
    """Shares given back where the columns were shuffled."""
    loadings: Sequence[Loading]


class Decomposition:
    """Choose how many components there are, and judge them."""

    def __init__(self, subject: Subject, recipe: DecompositionRecipe) -> None:
        self._subject = subject
        self._recipe = recipe

    def choose(self) -> Choice:
        """By folds of the rows to learn from. Raises ``DataError`` for more components than columns or too few rows."""
        subject, recipe = self._subject, self._recipe
        learning = subject.sampled(subject.learning, MOST_LEARNED)
        frame, groups = subject.frame(learning), subject.groups(learning)
        prepared = subject.learner.prepared(frame)
        refuse_negative(recipe, frame)
        folds = folds_of(groups, recipe.diagnosis.folds, subject.seed)
        most = min(prepared.shape[1], *(len(fold.train) for fold in folds))
        counts = counts_of(recipe, most)

        def decompose(rows: Indices, count: int) -> tuple[Doubles, Doubles]:
            fitted = subject.learner.fit(frame.iloc[rows], count)
            return fitted.components(frame), fitted.prepared(frame)

        wanted = 1.0 if isinstance(recipe.components, int) else recipe.components.variance
        curve = component_curve(decompose, folds, counts, wanted)
        if isinstance(recipe.components, int):
            curve = ComponentCurve(curve.points, recipe.components, "the recipe asks for so many")
        return Choice(curve.chosen, curve)

    def judge(self, choice: Choice, fitted: Fitted, champion: Fitted | None) -> Judged:
        """The share of the test rows' variance that the components give back, in the candidate's columns."""
        subject, curve = self._subject, choice.details
        assert isinstance(curve, ComponentCurve)  # noqa: S101 - what choose made
        models = [fitted] if champion is None else [fitted, champion]
        train = self._drawn(fitted, models, subject.shown)
        test = self._drawn(fitted, models, subject.judged)
        # The mean gives nothing back: the gain over it is the share itself.
        chance = self._chance(choice.size)
        rivals = {
            MEAN: Comparison(MEAN, float(test.values[0]), 0.0, test.estimate()),
            CHANCE: against_chance(test, chance),
        }
        if champion is not None:
            rivals[CHAMPION] = compared(test, EXPLAINED, 1, CHAMPION)
        columns, loadings = self._by_column(fitted), _loadings(fitted)
        space = fitted.components(subject.frame(subject.judged))
        plots = {"How many components?": components_plot(curve), "What they are made of": loadings_plot(loadings)}
        if space.shape[1] > 1:
            plots["Test rows, by their first two components"] = component_map(space)
        return Judged(
            metric=METRIC,
            scores={METRIC: {"train": train.estimate(), "test": test.estimate()}},
            comparisons=rivals,
            checks=(),
            findings=(f"{choice.size} components: {curve.reason}.", _found(test, columns)),
            plots=plots,
            grids=(_columns_grid(columns),),
            details=Decomposed(curve, columns, tuple(chance), loadings),
        )

    def answers(self, fitted: Fitted, frame: pd.DataFrame) -> Doubles:
        """[n, components]"""
        return fitted.components(frame)

    def _back(self, space: Fitted, model: Fitted) -> Backwards:
        frame = self._subject.frame(self._subject.sampled(self._subject.learning, MOST_LEARNED))
        return backwards(model.components(frame), space.prepared(frame))

    def _drawn(self, space: Fitted, models: Sequence[Fitted], rows: Indices) -> Draws:
        """Of each model's components, how much of the columns they give back that the first one sees."""
        frame, groups = self._subject.frame(rows), self._subject.groups(rows)
        prepared = space.prepared(frame)
        samples = []
        for model in models:
            back = self._back(space, model)
            errors = squares(back.residuals(model.components(frame), prepared))
            samples.append(Sample(squares(back.about_mean(prepared)), errors, groups))
        return drawn(EXPLAINED, samples, self._recipe.gate.resamples, self._subject.seed)

    def _chance(self, size: int | None) -> list[float]:
        """Shares that components of shuffled columns give back (parallel analysis, Horn 1965, by permutation)."""
        shares = []
        for fitted, seen, rows in self._subject.by_chance(size, self._recipe.diagnosis.shuffles):
            known = backwards(fitted.components(seen), fitted.prepared(seen))
            shares.append(share(known, fitted.components(rows), fitted.prepared(rows)))
        return shares

    def _by_column(self, fitted: Fitted) -> Mapping[str, float]:
        frame = self._subject.frame(self._subject.judged)
        back, prepared = self._back(fitted, fitted), fitted.prepared(frame)
        errors = (back.residuals(fitted.components(frame), prepared) ** 2).sum(axis=0)
        total = (back.about_mean(prepared) ** 2).sum(axis=0)
        shares = 1 - errors / np.where(total > 0, total, np.inf)
        return dict(zip(_names(fitted), map(float, shares), strict=True))


def _names(fitted: Fitted) -> list[str]:
    return list(map(str, fitted.pipeline[:-1].get_feature_names_out()))


def _loadings(fitted: Fitted) -> list[Loading]:
    names = _names(fitted)
    return [
        Loading(
            number, dict(sorted(zip(names, map(float, row), strict=True), key=lambda item: (-abs(item[1]), item[0])))
        )
        for number, row in enumerate(fitted.learned.components_, 1)
    ]


def _found(test: Draws, columns: Mapping[str, float]) -> str:
    share = test.estimate()
    least = min(columns, key=lambda name: columns[name])
    return (
        f"They give back {share.value:.1%} of the variance of rows that were held out ({share.low:.1%} to "
        f"{share.high:.1%}), least of {least} ({columns[least]:.0%})."
    )


def _columns_grid(columns: Mapping[str, float]) -> Grid:
    ordered = sorted(columns, key=lambda name: -columns[name])
    return Grid(
        "How much of each column is given back", ["column", "share"], [[n, f"{columns[n]:.1%}"] for n in ordered]
    )
