"""The versions of a store."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from hotshelf_server.core.model_settings import Latest, ModelSettings, Specific, VersionPolicy
from hotshelf_server.core.types import VersionId
from hotshelf_server.models.routing import DEFAULT, Routes
from hotshelf_server.models.source import Bundle, Emission, Wanted
from hotshelf_store import CHAMPION, Store, StoreError, named

_Seen = tuple[int, Sequence[int], VersionPolicy]
"""What a wish was made of: the alias revision, the numbers taken so far (none where they don't count), the policy."""


class StoreSource:
    """Wants what the aliases of a store name, or what a model's version policy says."""

    def __init__(self, store: Store, settings_of: Callable[[str], ModelSettings]) -> None:
        self._store = store
        self._settings_of = settings_of
        self._last: dict[str, tuple[_Seen, Wanted]] = {}

    def poll(self) -> Emission:
        """Read every model's newest alias revision, if it is new.

        A model that can't be read, or has vanished, keeps what it had: models are never deleted, so one that has
        vanished is a volume that isn't mounted, not a wish.
        """
        errors: list[str] = []
        current: dict[str, tuple[_Seen, Wanted]] = {}
        for model in self._store.models():
            try:
                current[model] = self._wanted(model)
            except StoreError as error:
                errors.append(f"{model}: {error}")
                if model in self._last:
                    current[model] = self._last[model]
        for model in self._last.keys() - current.keys():
            errors.append(f"{model}: it has vanished from the store")
            current[model] = self._last[model]
        self._last = current
        return Emission({model: wanted for model, (_, wanted) in current.items()}, errors)

    def fetch(self, version: VersionId) -> Bundle:
        """The version's directory in the store."""
        manifest = self._store.manifest(version.model, version.version)
        return Bundle(self._store.files(version.model, version.version), manifest)

    def _wanted(self, model: str) -> tuple[_Seen, Wanted]:
        """What is wanted, and what says so. A revision never changes, and versions come and go with a number or a
        revision: so nothing is read twice."""
        policy = self._settings_of(model).versions
        numbers = () if policy == "aliases" else tuple(self._store.numbers(model))
        last = self._last.get(model)
        if last is not None and last[0] == (self._store.newest_aliases(model), numbers, policy):
            return last
        revision = self._store.aliases(model)
        routes = {alias: dict(target.weights) for alias, target in revision.routes.items()}
        seen = (revision.revision, numbers, policy)
        if policy == "aliases":
            wanted = Wanted(frozenset(named(revision)), routes)
        else:
            live = [listed.manifest.version for listed in self._store.survey(model)]
            wanted = by_number(policy, live, routes)
        written_at = revision.changed_at.ToNanoseconds() / 1e9
        return seen, replace(wanted, revision=revision.revision, written_at=written_at)


def by_number(policy: VersionPolicy, live: Sequence[int], routes: Routes) -> Wanted:
    """What a policy that goes by numbers makes of the versions that are there, ascending.

    Calls that name no version go to the champion if it is among them, else to the newest of them. An alias that names
    others as well goes to those that are among them.
    """
    match policy:
        case Latest():
            versions = frozenset(live[-policy.latest :])
        case Specific():
            versions = frozenset(policy.specific)
        case _:
            versions = frozenset(live)
    kept = {
        alias: {version: weight for version, weight in weights.items() if version in versions}
        for alias, weights in routes.items()
    }
    held = {alias: weights for alias, weights in kept.items() if weights}
    if CHAMPION in held or not versions:
        return Wanted(versions, held)
    return Wanted(versions, {**held, DEFAULT: {max(versions): 100}})
