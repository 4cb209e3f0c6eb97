"""Several sources as one."""

from collections.abc import Sequence

from hotshelf_server.core.types import VersionId
from hotshelf_server.models.source import Bundle, Emission, Source, Wanted
from hotshelf_store import StoreError


class JoinedSource:
    """Several sources as one; of two that want the same model the first is heard."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._last: dict[int, Emission] = {}
        self._owner: dict[str, Source] = {}

    def poll(self) -> Emission:
        """What any of them wants. The last word of one that fails stands; raises `StoreError` when all of them fail."""
        errors: list[str] = []
        failures: list[StoreError] = []
        for place, source in enumerate(self._sources):
            try:
                self._last[place] = source.poll()
                errors += self._last[place].errors
            except StoreError as error:
                failures.append(error)
                errors.append(str(error))
        if failures and len(failures) == len(self._sources):
            raise failures[0]
        models: dict[str, Wanted] = {}
        owner: dict[str, Source] = {}
        for place, emission in sorted(self._last.items()):
            for model in emission.models.keys() - models.keys():
                models[model] = emission.models[model]
                owner[model] = self._sources[place]
        self._owner = owner
        return Emission(models, errors, complete=len(self._last) == len(self._sources))

    def fetch(self, version: VersionId) -> Bundle:
        """From the source that wants it."""
        return self._owner[version.model].fetch(version)
