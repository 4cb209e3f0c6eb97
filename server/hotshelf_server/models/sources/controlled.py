"""Lets operators decide which models of another source are wanted: the load and unload calls of the repository."""

import threading
from dataclasses import replace

from hotshelf_server.core.control import Control
from hotshelf_server.core.types import VersionId
from hotshelf_server.models.source import Bundle, Emission, Source


class ControlledSource:
    """Wants of a source's models those that operators let through."""

    def __init__(self, source: Source, control: Control) -> None:
        self._source = source
        self.control = control
        self._lock = threading.Lock()
        self._said: dict[str, bool] = {}
        self._known: frozenset[str] = frozenset()

    @property
    def known(self) -> frozenset[str]:
        """Every model that the source wants, let through or not, as of the last poll."""
        return self._known

    def allow(self, model: str, *, allowed: bool) -> None:
        """Let a model through from now on, or no more."""
        with self._lock:
            self._said[model] = allowed

    def poll(self) -> Emission:
        """What the source wants and operators let through. Raises `StoreError`."""
        emission = self._source.poll()
        self._known = frozenset(emission.models)
        if self.control is Control.NONE:
            return emission
        with self._lock:
            usual = self.control is Control.BOTH
            allowed = {model: want for model, want in emission.models.items() if self._said.get(model, usual)}
        return replace(emission, models=allowed)

    def fetch(self, version: VersionId) -> Bundle:
        """The files of one version. Raises `StoreError`."""
        return self._source.fetch(version)
