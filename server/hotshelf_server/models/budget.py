"""Which versions stay in memory when not all of them may. A pure function of who was called when."""

from collections.abc import Iterable
from dataclasses import dataclass

from hotshelf_server.core.types import VersionId


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may be loaded at once: versions, and bytes of memory as trial loads measured them. None: no bound."""

    versions: int | None = None
    memory_bytes: int | None = None

    @property
    def bounded(self) -> bool:
        """Whether there is any bound."""
        return self.versions is not None or self.memory_bytes is not None


@dataclass(frozen=True, slots=True)
class Tenant:
    """A version that is wanted.

    ``memory_bytes`` is 0 while nobody knows; ``loaded`` when it is, or is about to be; ``held`` when a call holds it;
    ``expected_since`` is since when calls have waited for it, ``called_at`` when it was last called.
    """

    id: VersionId
    memory_bytes: int = 0
    loaded: bool = False
    held: bool = False
    expected_since: float | None = None
    called_at: float = float("-inf")


def residents(tenants: Iterable[Tenant], budget: Budget) -> frozenset[VersionId]:
    """Those that stay, or may be loaded, as long as there is room: the ones that calls hold, then those that calls wait
    for, the longest first, then those called last.

    Of versions called equally long ago those that are loaded go first, then they go by name. One that is too large for
    the whole budget still gets its turn, alone.
    """
    order = sorted(tenants, key=_precedence)
    chosen: set[VersionId] = set()
    used = 0
    for one in order:
        fits = budget.memory_bytes is None or used + one.memory_bytes <= budget.memory_bytes
        if one.held or not chosen or (fits and (budget.versions is None or len(chosen) < budget.versions)):
            chosen.add(one.id)
            used += one.memory_bytes
    return frozenset(chosen)


def _precedence(one: Tenant) -> tuple[int, float, bool, str, int]:
    expected = one.expected_since is not None
    rank, moment = (0, 0.0) if one.held else (1, one.expected_since or 0.0) if expected else (2, -one.called_at)
    return rank, moment, not one.loaded, one.id.model, one.id.version
