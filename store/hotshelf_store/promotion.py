"""The rules that guard an alias: nobody routes to what is gone, and the champion moves on a verdict."""

from collections.abc import Mapping

from hotshelf.bundle.v1.manifest_pb2 import Manifest
from hotshelf.registry.v1.alias_pb2 import AliasRevision
from hotshelf_store.aliases import CHAMPION, PREVIOUS, growing, lead, route, weights_of
from hotshelf_store.errors import PromotionRefused, VersionNotFound
from hotshelf_store.versions import Versions

ADVICE = "judge it again, or overrule the gate with --force --reason"


def refuse_retired(model: str, weights: Mapping[int, int], revision: AliasRevision) -> None:
    """Raise `VersionNotFound` for a version that was deleted, or is just being deleted."""
    for version in weights:
        if version in revision.retired:
            raise VersionNotFound(f"version {version} of model {model!r} was deleted")


def require_published(versions: Versions, model: str, weights: Mapping[int, int], revision: AliasRevision) -> None:
    """Raise `VersionNotFound` for a version that isn't there, so that nobody sends all traffic to nothing."""
    for version in set(weights) - set(weights_of(revision, CHAMPION)):
        versions.manifest(model, version)


def require_verdicts(
    versions: Versions,
    model: str,
    weights: Mapping[int, int],
    revision: AliasRevision,
    incumbent: int,
    *,
    force: bool,
    reason: str,
) -> None:
    """Raise `PromotionRefused` unless every version whose share grows passed the gate against the present champion.

    ``incumbent``, the version that was champion alone last, needs no verdict to get its traffic back. ``force``
    overrules the gate, with a reason.
    """
    if force:
        if not reason:
            raise PromotionRefused("a forced promotion needs a reason, which the alias log keeps")
        return
    champion = lead(revision, CHAMPION)
    for version in growing(weights_of(revision, CHAMPION), weights):
        if version not in (champion, incumbent):
            _require_verdict(versions.manifest(model, version), champion)


def remember(weights: Mapping[int, int], revision: AliasRevision, incumbent: int) -> None:
    """Where the incumbent leaves ``champion``, let ``previous`` name what leaves it, and nothing that stays."""
    left = {version: weight for version, weight in weights_of(revision, CHAMPION).items() if version not in weights}
    if incumbent in left:
        revision.routes[PREVIOUS].CopyFrom(route(left))


def _require_verdict(manifest: Manifest, champion: int) -> None:
    who = f"version {manifest.version} of model {manifest.model!r}"
    if not manifest.HasField("verdict"):
        raise PromotionRefused(f"{who} was never judged by a gate; {ADVICE}")
    verdict = manifest.verdict
    if not verdict.passed:
        failed = "; ".join(f"{check.name}: {check.reason}" for check in verdict.checks if not check.passed)
        raise PromotionRefused(f"{who} failed the gate ({failed}); {ADVICE}")
    if verdict.champion_version != champion:
        raise PromotionRefused(
            f"{who} was compared with version {verdict.champion_version}, "
            f"but version {champion} is champion now; {ADVICE}"
        )
