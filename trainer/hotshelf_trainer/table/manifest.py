"""What the store keeps of a version that learned from a table, beside its files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hotshelf_store import DataSummary, Manifest, Metric
from hotshelf_trainer.diagnosis.intervals import Estimate
from hotshelf_trainer.publishing import lineage_of, verdict_message, versions_of
from hotshelf_trainer.recipes import TabularRecipe, UnsupervisedRecipe
from hotshelf_trainer.table.rivals import CANDIDATE, Comparison
from hotshelf_trainer.verdict import Verdict

LIBRARIES = ("numpy", "pandas", "polars", "scikit-learn")
"""What every table goes through."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How good the candidate is, by whom it was beaten, and what the gate said."""

    metric: str
    """The one that decides."""
    scores: Mapping[str, Mapping[str, Estimate]]
    """By metric, then by part."""
    comparisons: Mapping[str, Comparison]
    """By the rival's name, on the test part."""
    verdict: Verdict


def manifest_of(
    recipe: TabularRecipe | UnsupervisedRecipe,
    data: DataSummary,
    judgement: Judgement,
    bundle: Manifest,
    libraries: tuple[str, ...] = (),
) -> Manifest:
    """What ``bundle`` says of the files, and all else that the store doesn't fill in by itself.

    ``libraries``: further ones that had a part in it.
    """
    manifest = Manifest(
        library_versions=versions_of((*LIBRARIES, *libraries)),
        data=data,
        metrics=list(_metrics(judgement)),
        lineage=lineage_of(recipe, judgement.verdict),
        verdict=verdict_message(judgement.verdict),
        description=f"{recipe.task.capitalize()} {recipe.name!r}, learned from {data.rows:,} rows",
    )
    manifest.MergeFrom(bundle)
    return manifest


def _metrics(judgement: Judgement) -> Iterator[Metric]:
    """The candidate's on each part, then its rivals' on the test part; the metric that decides comes first."""
    for name in sorted(judgement.scores, key=lambda name: name != judgement.metric):
        for part, estimate in judgement.scores[name].items():
            yield Metric(
                name=name, scope=part, subject=CANDIDATE, value=estimate.value, low=estimate.low, high=estimate.high
            )
    for subject, comparison in judgement.comparisons.items():
        yield Metric(name=judgement.metric, scope="test", subject=subject, value=comparison.other)
