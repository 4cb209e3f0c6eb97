"""Bundles in folders, without a store."""

from collections.abc import Mapping
from pathlib import Path

from hotshelf_server.core.types import VersionId
from hotshelf_server.models.source import Bundle, Emission, Wanted
from hotshelf_store import CHAMPION
from hotshelf_store.bundle import read_manifest


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


def _number(bundle: Bundle) -> int:
    return bundle.manifest.version or 1
