"""Into the store: a version, and the alias that gives it traffic."""

import importlib.metadata
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.timestamp_pb2 import Timestamp

from hotshelf_store import CHAMPION, Lineage, Manifest, Store, lead
from hotshelf_store import Check as CheckMessage
from hotshelf_store import Verdict as VerdictMessage
from hotshelf_store.errors import PromotionRefused
from hotshelf_trainer.recipes import RecommendationRecipe, text_of
from hotshelf_trainer.recipes.table import TableRecipe
from hotshelf_trainer.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Published:
    """A version in the store."""

    model: str
    version: int
    champion: int
    """The champion now; 0 where there is none."""
    note: str
    """Why the champion is or isn't the new version."""

    @property
    def standing(self) -> str:
        """Who is champion now, and why."""
        return f"champion is version {self.champion}: {self.note}" if self.champion else self.note


def publish(store: Store, model: str, folder: Path, manifest: Manifest, *, promote: bool, author: str) -> Published:
    """Publish the folder as the next version, and move ``champion`` where the verdict and the recipe allow it."""
    version = store.publish(model, folder, manifest, author=author)
    champion = lead(store.aliases(model), CHAMPION)
    if champion == version:
        return Published(model, version, champion, "the model's first version is its champion")
    if not manifest.verdict.passed:
        note = "the gate refused it; it stays candidate"
        return Published(model, version, champion, note if champion else f"{note}, and the model has no champion")
    if not promote:
        return Published(model, version, champion, "the recipe says promote: false; it stays candidate")
    try:
        store.promote(model, version, author=author, reason="the gate passed it")
    except PromotionRefused as error:
        # Somebody else's version became champion while this one was trained.
        return Published(model, version, lead(store.aliases(model), CHAMPION), f"not promoted: {error}")
    return Published(model, version, version, "the gate passed it")


def verdict_message(verdict: Verdict) -> VerdictMessage:
    """The verdict as a manifest has it, judged now."""
    return VerdictMessage(
        passed=verdict.passed,
        champion_version=verdict.champion_version,
        checks=[CheckMessage(name=check.name, passed=check.passed, reason=check.reason) for check in verdict.checks],
        judged_at=timestamp(time.time()),
    )


def lineage_of(recipe: RecommendationRecipe | TableRecipe, verdict: Verdict) -> Lineage:
    """Where a version comes from that this code has just learned and judged."""
    return Lineage(
        recipe=text_of(recipe),
        parent_version=verdict.champion_version,
        code_version=version_of("hotshelf"),
        seed=recipe.seed,
    )


def versions_of(distributions: Iterable[str]) -> Mapping[str, str]:
    """The installed versions of some distributions; "unknown" for one that runs from a plain checkout."""
    return {name: version_of(name) for name in distributions}


def timestamp(moment: float) -> Timestamp:
    """Seconds since the epoch, to the microsecond."""
    stamp = Timestamp()
    stamp.FromNanoseconds(int(moment * 1e6) * 1000)
    return stamp


def version_of(distribution: str) -> str:
    """The installed version of a distribution."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
