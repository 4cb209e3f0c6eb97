"""What the budget needs to know of the versions that are here or wanted."""

from collections.abc import Iterable, Mapping

from hotshelf_server.core.types import VersionId
from hotshelf_server.models.budget import Tenant
from hotshelf_server.models.harness import Harness
from hotshelf_server.models.routing import DEFAULT
from hotshelf_server.models.source import Wanted
from hotshelf_server.models.states import State
from hotshelf_store import CHAMPION

LOADED = (State.READY, State.LOADING)


def tenants(models: Mapping[str, Wanted], harnesses: Iterable[Harness]) -> tuple[list[Tenant], set[VersionId]]:
    """The versions that compete for memory, and those that need none now: they failed, and are tried again later.

    A version that callers of its model are meant to reach counts as called when any version of the model was: it is
    the next to be called, whether or not it was ever loaded.
    """
    here = {harness.id: harness for harness in harnesses}
    model_called: dict[str, float] = {}
    for harness in here.values():
        model_called[harness.id.model] = max(harness.called_at, model_called.get(harness.id.model, harness.called_at))
    found: list[Tenant] = []
    failed: set[VersionId] = set()
    for model, want in models.items():
        meant = (want.routes.get(DEFAULT) or want.routes.get(CHAMPION, {})).keys()
        for number in want.versions:
            version = VersionId(model, number)
            held = here.get(version)
            if held is not None and held.status.state is State.FAILED:
                failed.add(version)
                continue
            own = float("-inf") if held is None else held.called_at
            called_at = max(own, model_called.get(model, own)) if number in meant else own
            found.append(_tenant(version, held, called_at))
    return found, failed


def _tenant(version: VersionId, harness: Harness | None, called_at: float) -> Tenant:
    if harness is None:
        return Tenant(version, called_at=called_at)
    status = harness.status
    return Tenant(
        version, status.memory_bytes, status.state in LOADED, harness.leased, harness.expected_since, called_at
    )
