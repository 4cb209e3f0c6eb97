"""The routing table that calls read, and the leases that they get from it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType

from hotshelf_server.core.errors import ModelNotFound, ModelNotReady, blame
from hotshelf_server.core.interfaces import Servable
from hotshelf_server.models.harness import Harness
from hotshelf_server.models.routing import Routes, choose
from hotshelf_server.models.states import State
from hotshelf_store import CHAMPION

NUMBER = re.compile(r"[1-9][0-9]{0,18}")
"""How a version's number is written; every other text is an alias."""


class Lease:
    """A servable that can't be unloaded while it is held.

    Use it in a ``with`` statement: errors in it are noted as this version's. ``split``: whether the alias that led to
    it has several versions.
    """

    __slots__ = ("_harness", "id", "servable", "split")

    def __init__(self, harness: Harness, servable: Servable, *, split: bool = False) -> None:
        self._harness = harness
        self.id = harness.id
        self.servable = servable
        self.split = split

    def __enter__(self) -> "Lease":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._harness.release()
        if isinstance(error, Exception):
            blame(error, self.id)


@dataclass(frozen=True, slots=True)
class ModelTable:
    """What calls to one model can reach: never changed, only replaced."""

    model: str
    routes: Routes
    harnesses: Mapping[int, Harness]

    def lease(self, version: str, key: str) -> Lease | None:
        """A lease on the version that a number or alias names; None when this table is out of date.

        Raises `ModelNotFound` for what is not wanted here, `ModelNotReady` for what can't answer yet.
        """
        numbered = NUMBER.fullmatch(version) is not None
        harness = self._numbered(version) if numbered else self._aliased(version or CHAMPION, key)
        servable = harness.acquire()
        if servable is not None:
            return Lease(harness, servable, split=not numbered and len(self.routes.get(version or CHAMPION, ())) > 1)
        if numbered:
            raise self._not_ready(harness)
        return None  # routes lead to ready versions only, so a newer table has another

    def _numbered(self, version: str) -> Harness:
        harness = self.harnesses.get(int(version))
        if harness is None:
            raise ModelNotFound(
                f"version {version} of model {self.model!r} is not loaded here; loaded: {self._loaded()}",
                model=self.model,
                version=version,
            )
        return harness

    def _aliased(self, alias: str, key: str) -> Harness:
        weights = self.routes.get(alias)
        if weights:
            return self.harnesses[choose(weights, key)]
        waiting = [harness for _, harness in sorted(self.harnesses.items())]
        if alias == CHAMPION and waiting:
            raise self._not_ready(waiting[-1])
        raise ModelNotFound(
            f"model {self.model!r} has no alias {alias!r} that is ready; ready: {_listed(self.routes)}",
            model=self.model,
            version=alias,
        )

    def _not_ready(self, harness: Harness) -> ModelNotReady:
        status = harness.status
        because = f": {status.reason}" if status.reason else ""
        return ModelNotReady(
            f"version {harness.id.version} of model {self.model!r} is {status.state.value}{because}",
            model=self.model,
            version=harness.id.version,
            state=status.state.value,
        )

    def _loaded(self) -> str:
        return _listed(number for number, harness in self.harnesses.items() if harness.status.state is State.READY)


def _listed(names: Iterable[object]) -> str:
    return ", ".join(str(name) for name in sorted(names, key=str)) or "none"
