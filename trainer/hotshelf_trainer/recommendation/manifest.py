"""What the store keeps of a recommender beside its files."""

from hotshelf_store import DataSummary, Manifest, Metric
from hotshelf_trainer.publishing import lineage_of, timestamp, verdict_message, versions_of
from hotshelf_trainer.recipes import RecommendationRecipe
from hotshelf_trainer.recommendation.artifacts import Evaluation, Figures, Purchases

LIBRARIES = ("implicit", "lightgbm", "numpy", "polars", "scipy")


def manifest_of(recipe: RecommendationRecipe, purchases: Purchases, figures: Figures, bundle: Manifest) -> Manifest:
    """What ``bundle`` says of the files, and all else that the store doesn't fill in by itself."""
    manifest = Manifest(
        library_versions=versions_of(LIBRARIES),
        data=DataSummary(
            fingerprint=purchases.fingerprint,
            rows=len(purchases),
            start=timestamp(purchases.begin),
            end=timestamp(purchases.end),
        ),
        metrics=_metrics(figures.evaluation),
        lineage=lineage_of(recipe, figures.verdict),
        verdict=verdict_message(figures.verdict),
        description=f"Recommender {recipe.name!r}, learned from {len(purchases)} purchases",
    )
    manifest.MergeFrom(bundle)
    return manifest


def _metrics(evaluation: Evaluation) -> list[Metric]:
    """NDCG@10 with its interval first, then the other figures, subject by subject."""
    metrics = []
    for (subject, scope), scores in evaluation.scores.items():
        for name, value in scores.means().items():
            metric = Metric(name=name, scope=f"test/{scope}", subject=subject, value=value)
            if name == "ndcg@10":
                interval = evaluation.ndcg[subject, scope]
                metric.low, metric.high = interval.low, interval.high
            metrics.append(metric)
    return metrics
