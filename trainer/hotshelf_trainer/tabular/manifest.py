"""What the store keeps of a table's model beside its files."""

from collections.abc import Iterator

from hotshelf_store import Manifest, Metric
from hotshelf_trainer.publishing import lineage_of, verdict_message, versions_of
from hotshelf_trainer.recipes import TabularRecipe
from hotshelf_trainer.table.rivals import CANDIDATE
from hotshelf_trainer.table.rows import summary_of
from hotshelf_trainer.tabular.examples import Examples
from hotshelf_trainer.tabular.figures import Figures

LIBRARIES = ("lightgbm", "numpy", "optuna", "pandas", "polars", "scikit-learn")


def manifest_of(recipe: TabularRecipe, examples: Examples, figures: Figures, bundle: Manifest) -> Manifest:
    """What ``bundle`` says of the files, and all else that the store doesn't fill in by itself."""
    manifest = Manifest(
        library_versions=versions_of(LIBRARIES),
        data=summary_of(examples),
        metrics=list(_metrics(figures)),
        lineage=lineage_of(recipe, figures.verdict),
        verdict=verdict_message(figures.verdict),
        description=f"{recipe.task.capitalize()} {recipe.name!r}, learned from {len(examples):,} rows",
    )
    manifest.MergeFrom(bundle)
    return manifest


def _metrics(figures: Figures) -> Iterator[Metric]:
    """The candidate's on each part, then its rivals' on the test part; the metric that decides comes first."""
    names = sorted(figures.scores, key=lambda name: name != figures.metric.name)
    for name in names:
        for part, estimate in figures.scores[name].items():
            yield Metric(
                name=name, scope=part, subject=CANDIDATE, value=estimate.value, low=estimate.low, high=estimate.high
            )
    for subject, comparison in figures.comparisons.items():
        yield Metric(name=figures.metric.name, scope="test", subject=subject, value=comparison.other)
