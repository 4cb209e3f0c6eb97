"""Anomalies: how rows score, whether planted ones are found, and whether other rows would have flagged the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from hotshelf_trainer.diagnosis.anomaly import Anomalies, anomalies
from hotshelf_trainer.diagnosis.intervals import Draws, Estimate, drawn
from hotshelf_trainer.diagnosis.metrics import metric_of
from hotshelf_trainer.diagnosis.sample import Doubles, Indices, Sample
from hotshelf_trainer.recipes import AnomalyRecipe
from hotshelf_trainer.table.rivals import CHAMPION, compared
from hotshelf_trainer.unsupervised.estimates import of_replicates, of_rows
from hotshelf_trainer.unsupervised.figures import Choice, Grid, Judged
from hotshelf_trainer.unsupervised.learner import Fitted
from hotshelf_trainer.unsupervised.plots import score_plot
from hotshelf_trainer.unsupervised.portraits import in_short
from hotshelf_trainer.unsupervised.subject import MOST_LEARNED, Subject, planted, shuffled
from hotshelf_trainer.verdict import Check

METRIC = "roc_auc of planted rows"
AUC = metric_of("binary", "roc_auc")
ODDEST = 10


@dataclass(frozen=True, slots=True)
class Odd:
    """What was found of a detector on the test part."""

    anomalies: Anomalies
    planted: Estimate
    """ROC AUC that tells rows with values drawn from anywhere from the rows as they are."""
    shuffled: Estimate
    """The same of rows whose columns were shuffled, which only shows to those who see how columns go together."""


class Anomaly:
    """Judge a detector."""

    def __init__(self, subject: Subject, recipe: AnomalyRecipe) -> None:
        self._subject = subject
        self._recipe = recipe

    def choose(self) -> Choice:
        """Nothing: the recipe says how many rows to flag."""
        return Choice(None)

    def judge(self, choice: Choice, fitted: Fitted, champion: Fitted | None) -> Judged:
        """By outliers that were planted among the test rows, which the champion has to find too."""
        subject = self._subject
        frame = subject.frame(subject.judged)
        scores = fitted.oddness(frame)
        others = [other.oddness(frame) for other in subject.again(choice.size, self._recipe.diagnosis.bootstraps)]
        found = anomalies(self._own_scores(fitted), scores, -float(fitted.learned.offset_), others)
        models = [fitted] if champion is None else [fitted, champion]
        rng = np.random.default_rng(subject.seed)
        known = subject.frame(subject.sampled(subject.learning, MOST_LEARNED))
        draws = self._told_apart(models, frame, planted(frame, known, rng))
        odd = Odd(found, draws.estimate(), self._told_apart([fitted], frame, shuffled(frame, rng)).estimate())
        ranks = of_replicates(found.rank_correlations, draws.groups)
        rivals = {} if champion is None else {CHAMPION: compared(draws, AUC, 1, CHAMPION)}
        flagged = self._flagged(fitted)
        return Judged(
            metric=METRIC,
            scores={
                METRIC: {"test": odd.planted},
                "roc_auc of shuffled rows": {"test": odd.shuffled},
                "share flagged": flagged,
                "rank_correlation": {"test": ranks},
                "overlap": {"test": of_replicates(found.overlaps, draws.groups)},
            },
            comparisons=rivals,
            checks=(self._separates(odd.planted), self._stable(ranks), self._quiet(flagged["test"])),
            findings=self._findings(odd, flagged),
            plots={"Scores: the higher, the odder": score_plot(found)},
            grids=(_oddest(frame, scores, found.threshold),),
            details=odd,
        )

    def answers(self, fitted: Fitted, frame: pd.DataFrame) -> Doubles:
        """[n] the score of each row."""
        return fitted.oddness(frame)

    def _own_scores(self, fitted: Fitted) -> Doubles:
        """Of the rows that it learned from, none of them counted among its own neighbours."""
        own = getattr(fitted.learned, "negative_outlier_factor_", None)
        if own is not None:
            return -np.asarray(own, dtype=np.float64)
        return fitted.oddness(self._subject.frame(self._subject.shown))

    def _told_apart(self, models: Sequence[Fitted], frame: pd.DataFrame, odd: pd.DataFrame) -> Draws:
        """ROC AUC of each model, of odd rows among the rows that they were made from; these belong to one group."""
        groups = np.tile(self._subject.groups(self._subject.judged), 2)
        truth = np.repeat([0, 1], len(frame))
        both = pd.concat([frame, odd], ignore_index=True)
        # Ranks as shares: the metric takes probabilities and goes by their order alone.
        said = [rankdata(model.oddness(both)) / len(both) for model in models]
        samples = [Sample(truth, each, groups) for each in said]
        return drawn(AUC, samples, self._recipe.gate.resamples, self._subject.seed)

    def _flagged(self, fitted: Fitted) -> Mapping[str, Estimate]:
        parts: Mapping[str, Indices] = {"train": self._subject.shown, "test": self._subject.judged}
        return {name: self._share(fitted, rows) for name, rows in parts.items()}

    def _share(self, fitted: Fitted, rows: Indices) -> Estimate:
        flags = (fitted.labels(self._subject.frame(rows)) == -1).astype(np.float64)
        groups = self._subject.groups(rows)
        return of_rows([flags], groups, self._recipe.gate.resamples, self._subject.seed).estimate()

    def _separates(self, found: Estimate) -> Check:
        floor = self._recipe.gate.separation
        return Check(
            "planted outliers are found",
            found.least > floor,
            f"ROC AUC {found.value:.3f} among the test rows, its lower 95 % bound {found.least:.3f}; "
            f"more than {floor:g} expected",
        )

    def _stable(self, found: Estimate) -> Check:
        floor = self._recipe.gate.stability
        return Check(
            "other rows give the same order",
            found.value >= floor,
            f"mean rank correlation {found.value:.2f} over {found.resamples} models of drawn rows; "
            f"at least {floor:g} expected",
        )

    def _quiet(self, share: Estimate) -> Check:
        """Guarded, not proved: a small part has few flagged rows by chance."""
        asked, times = self._recipe.contamination, self._recipe.gate.alarms
        return Check(
            "no flood of alarms on rows that were held out",
            share.least <= times * asked,
            f"{share.value:.2%} flagged, surely more than {share.least:.2%}; {asked:.2%} were asked for, "
            f"refused where it is surely more than {times:g} times that",
        )

    def _findings(self, odd: Odd, flagged: Mapping[str, Estimate]) -> Sequence[str]:
        asked, test = self._recipe.contamination, flagged["test"]
        as_asked = test.low <= asked <= test.high
        found = odd.anomalies
        moved = "that is as many, but for chance" if as_asked else "the held-out rows are of another kind"
        alike = f"agree on {found.overlap:.0%} of them" if found.held_out.flagged else "have none to agree on"
        share = (
            f"{test.value:.2%} of the rows that were held out are flagged, and {flagged['train'].value:.2%} of those "
            f"learned from; {asked:.2%} were asked for: {moved}."
        )
        told = (
            f"Planted outliers are told from rows with a ROC AUC of {odd.planted.value:.2f}, rows whose columns were "
            f"shuffled with {odd.shuffled.value:.2f}: {_sees(odd.shuffled)}."
        )
        order = f"Models of other rows order the held-out rows alike ({found.rank_correlation:.2f}), and {alike}."
        return share, order, told


def _sees(found: Estimate) -> str:
    if found.least > 0.5:
        return "it sees how columns go together"
    return "it sees single values that are odd, but hardly how columns go together"


def _oddest(frame: pd.DataFrame, scores: Doubles, threshold: float) -> Grid:
    order = np.argsort(-scores, kind="stable")[:ODDEST]
    rows = [
        [f"{scores[place]:.3f}", "yes" if scores[place] > threshold else "", *map(in_short, frame.iloc[place])]
        for place in order
    ]
    return Grid("The oddest of the test rows", ["score", "flagged", *frame.columns], rows)
