"""The routing table that calls read, and the leases that they get from it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType

from hotshelf_server.core.errors import ModelNotFound, ModelNotReady
from hotshelf_server.core.interfaces import Servable
from hotshelf_server.models.harness import Harness
from hotshelf_server.models.routing import DEFAULT, Routes, choose, no_key
from hotshelf_server.models.states import State
from hotshelf_store import CHAMPION

NUMBER = re.compile(r"[1-9][0-9]{0,18}")
"""How a version's number is written; every other text is an alias."""


class Lease:
    """A servable that can't be unloaded while it is held. Use it in a ``with`` statement.

    ``by_default``: the call named no version; ``split``: the alias that led to it has several versions; ``elsewhere``:
    the servable computes in a process of its own.
    """

    __slots__ = ("_harness", "by_default", "elsewhere", "id", "servable", "split")

    def __init__(self, harness: Harness, servable: Servable, *, by_default: bool, split: bool) -> None:
        self._harness = harness
        self.id = harness.id
        self.servable = servable
        self.by_default = by_default
        self.split = split
        self.elsewhere = harness.elsewhere

    def __enter__(self) -> "Lease":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._harness.release()


@dataclass(frozen=True, slots=True)
class ModelTable:
    """What calls to one model can reach: never changed, only replaced."""

    model: str
    routes: Routes
    harnesses: Mapping[int, Harness]

    def find(self, version: str, key: Callable[[], str] = no_key) -> Harness:
        """Who answers a call for a number or alias. Raises `ModelNotFound` for what is not wanted here, and
        `ModelNotReady` for an alias without anyone who can answer yet."""
        return self._numbered(version) if is_number(version) else self._aliased(version, key)

    def lend(self, harness: Harness, version: str) -> Lease | None:
        """A lease on what `find` gave for a name; None when that isn't ready any more."""
        servable = harness.acquire()
        if servable is None:
            return None
        split = not is_number(version) and len(self.routes.get(version, ()) if version else self.default) > 1
        return Lease(harness, servable, by_default=version in ("", CHAMPION), split=split)

    def not_ready(self, harness: Harness) -> ModelNotReady:
        """Why a version can't answer."""
        status = harness.status
        because = f": {status.reason}" if status.reason else ""
        return ModelNotReady(
            f"version {harness.id.version} of model {self.model!r} is {status.state.value}{because}",
            model=self.model,
            version=harness.id.version,
            state=status.state.value,
        )

    def callable(self) -> Sequence[int]:
        """The versions that answer calls, sorted."""
        states = (State.READY, State.NOT_LOADED)
        return sorted(number for number, harness in self.harnesses.items() if harness.status.state in states)

    @property
    def answers(self) -> bool:
        """Whether calls that name no version are answered."""
        return bool(self.default)

    @property
    def default(self) -> Mapping[int, int]:
        """Where calls go that name no version."""
        return self.routes.get(DEFAULT) or self.routes.get(CHAMPION, {})

    def _numbered(self, version: str) -> Harness:
        harness = self.harnesses.get(int(version))
        if harness is None:
            raise ModelNotFound(
                f"version {version} of model {self.model!r} is not loaded here; loaded: {_listed(self.callable())}",
                model=self.model,
                version=version,
            )
        return harness

    def _aliased(self, alias: str, key: Callable[[], str]) -> Harness:
        weights = self.routes.get(alias) if alias else self.default
        if weights:
            return self.harnesses[choose(weights, key() if len(weights) > 1 else "")]
        waiting = [harness for _, harness in sorted(self.harnesses.items())]
        if alias in ("", CHAMPION) and waiting:
            raise self.not_ready(waiting[-1])
        named = alias or CHAMPION
        raise ModelNotFound(
            f"model {self.model!r} has no alias {named!r} that is ready; ready: {_listed(filter(None, self.routes))}",
            model=self.model,
            version=named,
        )


def is_number(version: str) -> bool:
    """Whether a text names a version by its number."""
    return NUMBER.fullmatch(version) is not None


def _listed(names: Iterable[object]) -> str:
    return ", ".join(str(name) for name in sorted(names, key=str)) or "none"
