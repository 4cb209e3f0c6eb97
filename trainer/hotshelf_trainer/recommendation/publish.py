"""Into the store: the manifest that says what the version is, and the alias that gives it traffic."""

import importlib.metadata
import time
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.timestamp_pb2 import Timestamp

from hotshelf_store import (
    CHAMPION,
    Check,
    DataSummary,
    Lineage,
    Manifest,
    Metric,
    Store,
    Verdict,
    lead,
)
from hotshelf_store.errors import PromotionRefused
from hotshelf_trainer.recipe import Recipe, text_of
from hotshelf_trainer.recommendation import artifacts
from hotshelf_trainer.recommendation.artifacts import Evaluation, Figures, Purchases

LIBRARIES = ("implicit", "lightgbm", "numpy", "polars", "scipy")


@dataclass(frozen=True, slots=True)
class Published:
    """A version in the store."""

    model: str
    version: int
    champion: int
    """The champion now."""
    note: str
    """Why the champion is or isn't the new version."""


def manifest_of(recipe: Recipe, purchases: Purchases, figures: Figures, bundle: Manifest) -> Manifest:
    """What ``bundle`` says of the files, and all else that the store doesn't fill in by itself."""
    manifest = Manifest(
        library_versions={name: _version(name) for name in LIBRARIES},
        data=DataSummary(
            fingerprint=purchases.fingerprint,
            rows=len(purchases),
            start=_timestamp(purchases.begin),
            end=_timestamp(purchases.end),
        ),
        metrics=_metrics(figures.evaluation),
        lineage=Lineage(
            recipe=text_of(recipe),
            parent_version=figures.verdict.champion_version,
            code_version=_version("hotshelf"),
            seed=recipe.seed,
        ),
        verdict=_verdict(figures.verdict),
        description=f"Recommender {recipe.name!r}, learned from {len(purchases)} purchases",
    )
    manifest.MergeFrom(bundle)
    return manifest


def publish(store: Store, model: str, folder: Path, manifest: Manifest, *, promote: bool, author: str) -> Published:
    """Publish the folder as the next version, and move ``champion`` where the verdict and the recipe allow it."""
    version = store.publish(model, folder, manifest, author=author)
    champion = lead(store.aliases(model), CHAMPION)
    if champion == version:
        return Published(model, version, champion, "the model's first version is its champion")
    if not manifest.verdict.passed:
        return Published(model, version, champion, "the gate refused it; it stays candidate")
    if not promote:
        return Published(model, version, champion, "the recipe says promote: false; it stays candidate")
    try:
        store.promote(model, version, author=author, reason="the gate passed it")
    except PromotionRefused as error:
        # Somebody else's version became champion while this one was trained.
        return Published(model, version, lead(store.aliases(model), CHAMPION), f"not promoted: {error}")
    return Published(model, version, version, "the gate passed it")


def _verdict(verdict: artifacts.Verdict) -> Verdict:
    return Verdict(
        passed=verdict.passed,
        champion_version=verdict.champion_version,
        checks=[Check(name=check.name, passed=check.passed, reason=check.reason) for check in verdict.checks],
        judged_at=_timestamp(time.time()),
    )


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


def _timestamp(moment: float) -> Timestamp:
    stamp = Timestamp()
    stamp.FromNanoseconds(int(moment * 1e6) * 1000)
    return stamp


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
