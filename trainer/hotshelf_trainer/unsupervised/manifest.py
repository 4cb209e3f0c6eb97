"""What the store keeps of a model without a target beside its files."""

from collections.abc import Iterator

from hotshelf_store import Manifest, Metric
from hotshelf_trainer.publishing import lineage_of, verdict_message, versions_of
from hotshelf_trainer.recipes import UnsupervisedRecipe
from hotshelf_trainer.table.rivals import CANDIDATE
from hotshelf_trainer.table.rows import Rows, summary_of
from hotshelf_trainer.unsupervised.figures import Figures

LIBRARIES = ("numpy", "pandas", "polars", "scikit-learn")


def manifest_of(recipe: UnsupervisedRecipe, rows: Rows, figures: Figures, bundle: Manifest) -> Manifest:
    """What ``bundle`` says of the files, and all else that the store doesn't fill in by itself."""
    manifest = Manifest(
        library_versions=versions_of(LIBRARIES),
        data=summary_of(rows),
        metrics=list(_metrics(figures)),
        lineage=lineage_of(recipe, figures.verdict),
        verdict=verdict_message(figures.verdict),
        description=f"{recipe.task.capitalize()} {recipe.name!r}, learned from {len(rows):,} rows",
    )
    manifest.MergeFrom(bundle)
    return manifest


def _metrics(figures: Figures) -> Iterator[Metric]:
    """The candidate's on each part, the one that decides first; then its rivals' on the test part."""
    for name, by_part in figures.judged.scores.items():
        for part, estimate in by_part.items():
            yield Metric(
                name=name, scope=part, subject=CANDIDATE, value=estimate.value, low=estimate.low, high=estimate.high
            )
    for subject, comparison in figures.judged.comparisons.items():
        yield Metric(name=figures.judged.metric, scope="test", subject=subject, value=comparison.other)
