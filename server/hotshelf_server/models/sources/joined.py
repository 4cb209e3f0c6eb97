"""Several sources as one."""

from collections.abc import Sequence

from hotshelf_server.core.types import VersionId
from hotshelf_server.models.source import Bundle, Emission, Source, Wanted


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
