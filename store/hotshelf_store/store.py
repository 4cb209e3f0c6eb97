"""The store: versions and aliases, and the rules that tie them together."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from hotshelf.bundle.v1.manifest_pb2 import Manifest
from hotshelf.registry.v1.alias_pb2 import AliasRevision, Change
from hotshelf_store import layout
from hotshelf_store.aliases import (
    CANDIDATE,
    CHAMPION,
    MAX_AUTHOR,
    PREVIOUS,
    AliasLog,
    check_text,
    lead,
    named,
    route,
    weights_of,
)
from hotshelf_store.backend import Backend
from hotshelf_store.errors import InvalidBundle, InvalidWeights, NoPrevious, VersionInUse, VersionNotFound
from hotshelf_store.local import SCRATCH, LocalBackend
from hotshelf_store.promotion import refuse_retired, remember, require_published, require_verdicts
from hotshelf_store.versions import Listed, Versions

log = logging.getLogger(__name__)

ABANDONED_AFTER = 24 * 3600.0
"""Age in seconds from which files that no manifest names count as left by a publisher that died."""


def open_store(root: Path) -> "Store":
    """The store in a local directory. Raises `StoreUnavailable` when it does not exist."""
    return Store(LocalBackend(root))


class Store:
    """Versions of models, and the aliases that route traffic to them. Safe for writers and readers at the same time."""

    def __init__(self, backend: Backend, now: Callable[[], float] = time.time) -> None:
        """``now`` gives seconds since the epoch."""
        self._backend = backend
        self._versions = Versions(backend)
        self._aliases = AliasLog(backend)
        self._now = now

    def models(self) -> list[str]:
        """The names of all models, sorted."""
        return self._versions.models()

    def versions(self, model: str) -> list[Manifest]:
        """The manifests of all live versions, ascending. Raises `ModelNotFound`; for a broken one `InvalidBundle`."""
        self._versions.require_model(model)
        return self._versions.list(model)

    def numbers(self, model: str) -> Sequence[int]:
        """The numbers of all versions that were ever published, deleted ones too, ascending. Reads no file."""
        return self._versions.numbers(model)

    def survey(self, model: str) -> Sequence[Listed]:
        """All live versions, also those whose manifest can't be read, ascending. Raises `ModelNotFound`."""
        self._versions.require_model(model)
        return self._versions.survey(model)

    def manifest(self, model: str, version: int) -> Manifest:
        """One version's manifest. Raises `VersionNotFound` for an unknown or deleted one."""
        return self._versions.manifest(model, version)

    def files(self, model: str, version: int) -> Path:
        """A local directory with the version's files, to be read only."""
        return self._versions.files(model, version)

    def verify(self, model: str, version: int) -> None:
        """Check every file's SHA-256. Raises `CorruptFile` with what was expected and found."""
        self._versions.verify(model, version)

    def aliases(self, model: str) -> AliasRevision:
        """The newest revision of the alias log; an empty one numbered 0 when nothing was ever routed."""
        return self._aliases.latest(model)

    def newest_aliases(self, model: str) -> int:
        """The number of what `aliases` would read: as long as it stays the same, so do they. Reads no file."""
        return self._aliases.newest(model)

    def alias_history(self, model: str) -> list[AliasRevision]:
        """Every revision of the alias log, newest first. Raises `ModelNotFound`."""
        self._versions.require_model(model)
        return list(self._aliases.history(model))

    def alias_log(self, model: str) -> Iterator[AliasRevision]:
        """Every revision, newest first, each read when it is asked for. Raises `ModelNotFound`."""
        self._versions.require_model(model)
        return self._aliases.history(model)

    def incumbent(self, model: str) -> int:
        """The version that was champion alone last: the champion itself, unless its traffic is split by now."""
        return self._aliases.incumbent(model)

    def publish(self, model: str, bundle: Path, manifest: Manifest, *, author: str = "") -> int:
        """Publish the files of a folder as the model's next version and return its number.

        Sets ``candidate``, and ``champion`` where the model has none and no gate refused the version. The store fills
        in the manifest's number, files, publish id, author and time.
        """
        check_text("author", author, MAX_AUTHOR)  # before the version is there, and can't be routed to
        refused = manifest.HasField("verdict") and not manifest.verdict.passed
        version = self._versions.publish(model, bundle, manifest, author=author, now=self._now()).version

        def to_candidate(revision: AliasRevision) -> bool:
            # A slower publisher of an older version must not take the alias back.
            if lead(revision, CANDIDATE) < version:
                revision.routes[CANDIDATE].CopyFrom(route({version: 100}))
            if CHAMPION not in revision.routes and not refused:
                revision.routes[CHAMPION].CopyFrom(route({version: 100}))
            return True

        self._edit(model, to_candidate, Change.CHANGE_PUBLISH, author=author, reason=f"version {version} was published")
        return version

    def set_alias(
        self,
        model: str,
        alias: str,
        weights: Mapping[int, int],
        *,
        author: str = "",
        reason: str = "",
        expected_revision: int | None = None,
        force: bool = False,
    ) -> AliasRevision:
        """Point an alias at versions with shares of the traffic.

        Moving ``champion`` needs, for every version whose share grows, a passing verdict against the present champion
        (`PromotionRefused` otherwise), or ``force`` with a reason, which the log keeps. The version that was champion
        alone last gets its traffic back without either. With ``expected_revision`` `AliasConflict` is raised when the
        log has moved on. Raises `InvalidName`, `InvalidWeights`.
        """
        layout.check_name("alias", alias)
        target = route(weights)
        self._versions.require_model(model)

        def move(revision: AliasRevision) -> bool:
            refuse_retired(model, weights, revision)
            if alias == CHAMPION:
                incumbent = self._aliases.incumbent(model)
                require_published(self._versions, model, weights, revision)
                require_verdicts(self._versions, model, weights, revision, incumbent, force=force, reason=reason)
                remember(weights, revision, incumbent)
            changed = alias not in revision.routes or revision.routes[alias] != target
            revision.routes[alias].CopyFrom(target)
            return changed

        kind = Change.CHANGE_PROMOTE if alias == CHAMPION else Change.CHANGE_SET_ALIAS
        return self._edit(
            model, move, kind, author=author, reason=reason, expected_revision=expected_revision, forced=force
        )

    def remove_alias(
        self, model: str, alias: str, *, author: str = "", reason: str = "", expected_revision: int | None = None
    ) -> AliasRevision:
        """Let an alias name nothing; the champion can't be removed (`InvalidWeights`)."""
        layout.check_name("alias", alias)
        self._versions.require_model(model)
        if alias == CHAMPION:
            raise InvalidWeights(
                f"alias {CHAMPION} can't be removed: it takes the traffic; expected at least one version"
            )

        def remove(revision: AliasRevision) -> bool:
            if alias not in revision.routes:
                return False
            del revision.routes[alias]
            return True

        return self._edit(
            model, remove, Change.CHANGE_SET_ALIAS, author=author, reason=reason, expected_revision=expected_revision
        )

    def promote(
        self, model: str, version: int, *, author: str = "", reason: str = "", force: bool = False
    ) -> AliasRevision:
        """Make one version the champion; the old champion becomes ``previous``. See `set_alias` for the rules."""
        self._versions.require_model(model)
        self._versions.manifest(model, version)
        return self.set_alias(model, CHAMPION, {version: 100}, author=author, reason=reason, force=force)

    def rollback(self, model: str, *, author: str = "", reason: str = "") -> AliasRevision:
        """Make ``previous`` the champion and the champion ``previous``. Raises `NoPrevious`.

        While the champion's traffic is split, the version that was champion alone last gets all of it back instead.
        """
        self._versions.require_model(model)

        def swap(revision: AliasRevision) -> bool:
            incumbent = self._aliases.incumbent(model)
            held = weights_of(revision, CHAMPION)
            if incumbent in held and len(held) > 1:
                revision.routes[CHAMPION].CopyFrom(route({incumbent: 100}))
                return True
            if PREVIOUS not in revision.routes:
                raise NoPrevious(f"model {model!r} has no previous champion to roll back to")
            back = route(revision.routes[PREVIOUS].weights)
            refuse_retired(model, back.weights, revision)
            revision.routes[PREVIOUS].CopyFrom(revision.routes[CHAMPION])
            revision.routes[CHAMPION].CopyFrom(back)
            return True

        return self._edit(model, swap, Change.CHANGE_ROLLBACK, author=author, reason=reason)

    def delete(self, model: str, version: int, *, author: str = "", reason: str = "") -> None:
        """Delete a version that no alias names (`VersionInUse` otherwise). Its number stays taken.

        The retirement is written to the alias log first, so that nobody can route to the version meanwhile.
        """
        self._versions.manifest(model, version)

        def retire(revision: AliasRevision) -> bool:
            if version in named(revision):
                holders = sorted(name for name, held in revision.routes.items() if version in held.weights)
                raise VersionInUse(f"version {version} of model {model!r} is named by alias {', '.join(holders)}")
            if version not in revision.retired:
                revision.retired.append(version)
            return True

        self._edit(model, retire, Change.CHANGE_RETIRE, author=author, reason=reason or f"version {version} is deleted")
        self._versions.bury(model, version, author=author, reason=reason or "deleted", now=self._now())

    def retain(self, model: str, keep: int, *, author: str = "") -> list[int]:
        """Delete all but the newest ``keep`` versions and those that an alias names; returns what was deleted.

        Versions that can't be read don't count and stay.
        """
        if keep < 1:
            raise ValueError(f"keep {keep}: expected 1 or more")
        held = named(self.aliases(model))
        readable = [listed.manifest.version for listed in self.survey(model) if not listed.problem]
        reason = f"older than the newest {keep} versions"
        return [
            version
            for version in readable[:-keep]
            if version not in held and self._deleted(model, version, author=author, reason=reason)
        ]

    def collect(self) -> int:
        """Remove what publishers that died left behind, once it is 24 h old; returns the number of objects."""
        abandoned = [f"{SCRATCH}/"]
        for model in self._versions.folders():
            try:
                alive = self._versions.named_publications(model)
            except InvalidBundle as error:
                # Its files may be those of the version that can't be read.
                log.warning("nothing of model %s is collected: %s", model, error)
                continue
            ids = self._backend.children(layout.publications(model))
            abandoned += [f"{layout.files(model, publish_id)}/" for publish_id in ids if publish_id not in alive]
        horizon = self._now() - ABANDONED_AFTER
        old = [entry.key for prefix in abandoned for entry in self._backend.objects(prefix) if entry.modified < horizon]
        for key in old:
            self._backend.delete(key)
        return len(old)

    def _deleted(self, model: str, version: int, *, author: str, reason: str) -> bool:
        """Delete a version; False when somebody else did, or routes to it by now."""
        try:
            self.delete(model, version, author=author, reason=reason)
        except (VersionNotFound, VersionInUse):
            return False
        return True

    def _edit(
        self,
        model: str,
        edit: Callable[[AliasRevision], bool],
        change: Change.ValueType,
        *,
        author: str,
        reason: str,
        expected_revision: int | None = None,
        forced: bool = False,
    ) -> AliasRevision:
        return self._aliases.edit(
            model,
            edit,
            change=change,
            author=author,
            reason=reason,
            now=self._now(),
            expected_revision=expected_revision,
            forced=forced,
        )
