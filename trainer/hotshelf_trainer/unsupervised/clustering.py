"""Clusters: how many, whether there is more in them than chance, and whether other rows would have given the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import adjusted_rand_score, calinski_harabasz_score, davies_bouldin_score, silhouette_samples

from hotshelf_trainer.diagnosis.clustering import ClusterCurve, cluster_curve
from hotshelf_trainer.diagnosis.intervals import Draws, Estimate
from hotshelf_trainer.diagnosis.sample import Doubles, Indices
from hotshelf_trainer.errors import DataError
from hotshelf_trainer.recipes import ClusteringRecipe
from hotshelf_trainer.table.rivals import CHAMPION, Comparison
from hotshelf_trainer.unsupervised.estimates import CHANCE, Groups, against_chance, of_replicates, of_rows, of_set
from hotshelf_trainer.unsupervised.figures import Choice, Judged, sentence
from hotshelf_trainer.unsupervised.learner import Fitted
from hotshelf_trainer.unsupervised.plots import cluster_map, curve_plot
from hotshelf_trainer.unsupervised.portraits import Portrait, portraits, portraits_grid
from hotshelf_trainer.unsupervised.subject import Subject
from hotshelf_trainer.verdict import Check

METRIC = "silhouette"
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Clusters:
    """What was found of them on the test part."""

    curve: ClusterCurve
    stability: Estimate
    """Adjusted Rand index of the test rows' clusters with those that models of drawn groups give them."""
    chance: tuple[float, ...]
    """Silhouettes where the columns were shuffled."""
    portraits: Sequence[Portrait]


@dataclass(frozen=True, slots=True)
class Clustered:
    """Rows of a part as the estimator sees them, and their clusters."""

    space: Doubles
    labels: Labels
    groups: Groups


class Clustering:
    """Choose how many clusters there are, and judge them."""

    def __init__(self, subject: Subject, recipe: ClusteringRecipe) -> None:
        self._subject = subject
        self._recipe = recipe

    def choose(self) -> Choice:
        """By silhouette and stability on rows to learn from. Raises ``DataError`` for fewer rows than clusters."""
        subject, counts = self._subject, self._recipe.counts
        frame = subject.frame(subject.shown)
        prepared = subject.learner.prepared(frame)
        distinct = len(np.unique(prepared, axis=0))
        if distinct <= counts[-1]:
            raise DataError(
                f"{distinct} distinct rows to learn from, too few for {counts[-1]} clusters (recipe key clusters); "
                "expected more rows than clusters"
            )

        def cluster(rows: Indices, count: int, _seed: int) -> Labels:
            return subject.learner.clusters(prepared, rows, count)

        again = self._recipe.diagnosis.bootstraps
        curve = cluster_curve(cluster, prepared, counts, bootstraps=again, seed=subject.seed)
        return Choice(curve.chosen, curve)

    def judge(self, choice: Choice, fitted: Fitted, champion: Fitted | None) -> Judged:
        """Silhouettes beside those of chance and of the champion's clusters, in the candidate's space."""
        subject = self._subject
        assert isinstance(choice.details, ClusterCurve)  # noqa: S101 - what choose made
        parts = {"train": self._clustered(fitted, subject.shown), "test": self._clustered(fitted, subject.judged)}
        test, frame = parts["test"], subject.frame(subject.judged)
        labels = [test.labels] if champion is None else [test.labels, champion.labels(frame)]
        draws = self._drawn(test, labels)
        chance = self._chance(choice.size)
        stability = self._stability(choice.size, test.labels)
        compared = {CHANCE: against_chance(draws, chance)}
        if champion is not None:
            rival = Comparison(CHAMPION, float(draws.values[0]), float(draws.values[1]), draws.difference(0, 1))
            compared[CHAMPION] = rival
        seen = subject.frame(subject.shown)
        portrayed = portraits((seen, parts["train"].labels), (frame, test.labels))
        return Judged(
            metric=METRIC,
            scores={
                METRIC: {name: self._drawn(part, [part.labels]).estimate() for name, part in parts.items()},
                "davies_bouldin": {name: self._shape(davies_bouldin_score, part) for name, part in parts.items()},
                "calinski_harabasz": {name: self._shape(calinski_harabasz_score, part) for name, part in parts.items()},
                "adjusted_rand": {"test": stability},
            },
            comparisons=compared,
            checks=(self._stable(stability),),
            findings=(sentence(choice.details.reason), _found(stability, compared[CHANCE])),
            plots={
                "How many clusters?": curve_plot(choice.details),
                "Test rows by cluster, in the plane that shows most of them": cluster_map(test.space, test.labels),
            },
            grids=(portraits_grid(portrayed),),
            details=Clusters(choice.details, stability, tuple(chance), portrayed),
        )

    def answers(self, fitted: Fitted, frame: pd.DataFrame) -> Doubles:
        """[n] the cluster of each row."""
        return fitted.labels(frame).astype(np.float64)

    def _clustered(self, fitted: Fitted, rows: Indices) -> Clustered:
        frame = self._subject.frame(rows)
        return Clustered(fitted.prepared(frame), fitted.labels(frame), self._subject.groups(rows))

    def _drawn(self, part: Clustered, labels: Sequence[Labels]) -> Draws:
        values = [silhouettes(part.space, each) for each in labels]
        return of_rows(values, part.groups, self._recipe.gate.resamples, self._subject.seed)

    def _shape(self, score: Callable[[Doubles, Labels], float], part: Clustered) -> Estimate:
        def figure(rows: Labels) -> float:
            labels = part.labels[rows]
            return score(part.space[rows], labels) if 1 < len(np.unique(labels)) < len(rows) else float("nan")

        return of_set(figure, part.groups, self._subject.seed)

    def _chance(self, size: int | None) -> list[float]:
        """Silhouettes of as many clusters where nothing goes together: whole tables of shuffled columns."""
        tables = self._subject.by_chance(size, self._recipe.diagnosis.shuffles)
        return [float(silhouettes(fitted.prepared(rows), fitted.labels(rows)).mean()) for fitted, _, rows in tables]

    def _stability(self, size: int | None, labels: Labels) -> Estimate:
        subject = self._subject
        frame = subject.frame(subject.judged)
        again = subject.again(size, self._recipe.diagnosis.bootstraps)
        agreement = [float(adjusted_rand_score(labels, other.labels(frame))) for other in again]
        return of_replicates(agreement, len(np.unique(subject.groups(subject.judged))))

    def _stable(self, stability: Estimate) -> Check:
        floor = self._recipe.gate.stability
        return Check(
            "other rows give the same clusters",
            stability.value >= floor,
            f"mean adjusted Rand index {stability.value:.2f} over {stability.resamples} models of drawn rows; "
            f"at least {floor:g} expected",
        )


def silhouettes(space: Doubles, labels: Labels) -> Doubles:
    """[n] each row's (Rousseeuw 1987); 0, as of a cluster of one row, where there is one cluster or one row in each."""
    if 1 < len(np.unique(labels)) < len(labels):
        return np.asarray(silhouette_samples(space, labels), dtype=np.float64)
    return np.zeros(len(labels))


def _found(stability: Estimate, chance: Comparison) -> str:
    structure = "more than chance gives" if chance.gain.least > 0 else "which chance gives as well"
    return (
        f"On rows that were held out the silhouette is {chance.candidate:.2f}, {structure} ({chance.other:.2f} at best "
        f"where the columns are shuffled); models of other rows agree with these clusters by {stability.value:.2f} "
        "(adjusted Rand index; 1 is the same, 0 is chance)."
    )
