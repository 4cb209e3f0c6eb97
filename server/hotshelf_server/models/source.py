"""Sources say which versions are wanted, and how traffic is meant to go. They emit the whole list, or raise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hotshelf_server.core.types import VersionId
from hotshelf_server.models.routing import Routes
from hotshelf_store import CHAMPION, Manifest, Store, StoreError, named
from hotshelf_store.bundle import read_manifest


@dataclass(frozen=True, slots=True)
class Bundle:
    """A version's files and what its manifest says of them."""

    folder: Path
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of one model: versions to hold, and the routing that the operator asked for."""

    versions: frozenset[int]
    routes: Routes


@dataclass(frozen=True, slots=True)
class Emission:
    """Everything that is wanted now, by model, and what could not be read (for which the last word stands)."""

    models: Mapping[str, Wanted]
    errors: Sequence[str] = field(default=())


class Source(Protocol):
    """Where versions come from."""

    def poll(self) -> Emission:
        """Everything that is wanted now. Raises `StoreError` when nothing is known: the last emission then stands."""
        ...

    def fetch(self, version: VersionId) -> Bundle:
        """The files of one version. Raises `StoreError`."""
        ...


class StoreSource:
    """Wants what the aliases of a store name."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last: dict[str, tuple[int, Wanted]] = {}

    def poll(self) -> Emission:
        """Read every model's newest alias revision, if it is new.

        A model that can't be read, or has vanished, keeps what it had: models are never deleted, so one that has
        vanished is a volume that isn't mounted, not a wish.
        """
        errors: list[str] = []
        current: dict[str, tuple[int, Wanted]] = {}
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

    def _wanted(self, model: str) -> tuple[int, Wanted]:
        """What is wanted, and the alias revision that says so; a revision never changes, so it is read once."""
        if model in self._last and self._last[model][0] == self._store.newest_aliases(model):
            return self._last[model]
        revision = self._store.aliases(model)
        routes = {alias: dict(target.weights) for alias, target in revision.routes.items()}
        return revision.revision, Wanted(frozenset(named(revision)), routes)


class FolderSource:
    """Wants one bundle for each of some models, each in a folder of its own with its manifest beside the files."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        """Read the manifests. Raises `InvalidBundle`."""
        self._bundles = {model: Bundle(folder, read_manifest(folder)) for model, folder in folders.items()}

    def poll(self) -> Emission:
        """The same as ever; a version without a number counts as 1."""
        return Emission(
            {
                model: Wanted(frozenset({_number(bundle)}), {CHAMPION: {_number(bundle): 100}})
                for model, bundle in self._bundles.items()
            }
        )

    def fetch(self, version: VersionId) -> Bundle:
        """The folder."""
        return self._bundles[version.model]


class JoinedSource:
    """Several sources as one; of two that want the same model the first is heard."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._owner: dict[str, Source] = {}

    def poll(self) -> Emission:
        """What any of them wants."""
        models: dict[str, Wanted] = {}
        errors: list[str] = []
        owner: dict[str, Source] = {}
        for source in self._sources:
            emission = source.poll()
            errors += emission.errors
            for model, wanted in emission.models.items():
                if model not in models:
                    models[model] = wanted
                    owner[model] = source
        self._owner = owner
        return Emission(models, errors)

    def fetch(self, version: VersionId) -> Bundle:
        """From the source that wants it."""
        return self._owner[version.model].fetch(version)


def _number(bundle: Bundle) -> int:
    return bundle.manifest.version or 1
