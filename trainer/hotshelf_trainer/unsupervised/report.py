"""A training without a target in words, as a page and for programs."""

import json
from collections.abc import Sequence

from hotshelf_trainer.diagnosis.advice import on_drift
from hotshelf_trainer.diagnosis.plain import plain
from hotshelf_trainer.outcome import ScoreTable
from hotshelf_trainer.page import rendered
from hotshelf_trainer.recipes import UnsupervisedRecipe, text_of
from hotshelf_trainer.table.rivals import CANDIDATE
from hotshelf_trainer.table.words import in_words, set_aside
from hotshelf_trainer.unsupervised.figures import Figures

KINDS = {"time": "came last", "group": "belong to groups of their own", "random": "were drawn at random"}

MEANINGS = {
    "silhouette": "1: far from other clusters, 0: between them",
    "davies_bouldin": "spread of clusters by their distance; less is better",
    "calinski_harabasz": "variance between clusters by that within; more is better",
    "adjusted_rand": "1: other rows give the same clusters, 0: chance",
    "roc_auc of planted rows": "1: rows with values from anywhere are all odder, 0.5: chance",
    "roc_auc of shuffled rows": "the same where only what goes together is broken",
    "share flagged": "of the rows",
    "rank_correlation": "1: other rows give the same order, 0: chance",
    "overlap": "of what models of other rows find as odd; 1 is the same",
    "explained": "share of the variance that the components give back",
}
"""What each score tells, in a few words."""


def findings_of(figures: Figures) -> Sequence[str]:
    """What was found, in sentences: the model, the rows that judged it, the data."""
    held_out = (
        f"{figures.learned:,} rows taught the model that was judged, and {figures.held_out:,} that "
        f"{KINDS[figures.kind]} were held out; the published one learned from all."
    )
    told = tuple(f"The estimator says: {note}" for note in figures.notes)
    moved = on_drift(figures.drift, figures.verdict.champion_version)
    return (*figures.judged.findings, held_out, *told, *moved, *set_aside(figures.violations))


def score_table(figures: Figures) -> ScoreTable:
    """Every score on both parts; the rivals on the test part."""
    judged = figures.judged
    rows = [
        [name, *(in_words(by_part[part]) if part in by_part else "" for part in ("train", "test"))]
        for name, by_part in judged.scores.items()
    ]
    rows += [[f"{judged.metric} of the {name}", "", f"{one.other:.4f}"] for name, one in judged.comparisons.items()]
    return ScoreTable(f"the {CANDIDATE}'s scores, with 95 % intervals", ("train", "test"), rows)


def report(model: str, recipe: UnsupervisedRecipe, figures: Figures) -> str:
    """The page."""
    return rendered(
        "unsupervised.html.j2",
        model=model,
        recipe=text_of(recipe),
        figures=figures,
        findings=findings_of(figures),
        in_words=in_words,
        meanings=MEANINGS,
    )


def report_json(figures: Figures) -> str:
    """The page's figures, for programs."""
    judged = figures.judged
    content = {
        "metric": judged.metric,
        "size": figures.choice.size,
        "findings": tuple(findings_of(figures)),
        "scores": judged.scores,
        "comparisons": judged.comparisons,
        "details": judged.details,
        "split": {"kind": figures.kind, "learning": figures.learned, "test": figures.held_out},
        "violations": tuple(figures.violations),
        "drift": tuple(figures.drift),
        "verdict": figures.verdict,
    }
    return json.dumps(plain(content), indent=1)
