"""What to do next, as a pure function of what is wanted and what is there. New versions load before old ones go."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from hotshelf_server.core.types import VersionId
from hotshelf_server.models.states import State, Status

FIRST_RETRY = 5.0
LAST_RETRY = 300.0
"""Seconds between attempts at a version that fails: doubled from the first to the last."""


@dataclass(frozen=True, slots=True)
class Load:
    """Begin to load a version."""

    id: VersionId


@dataclass(frozen=True, slots=True)
class Unload:
    """Let a version go once its leases have ended."""

    id: VersionId


@dataclass(frozen=True, slots=True)
class Park:
    """Keep a version that is wanted out of memory: unload it if it is loaded, and load it when it is called."""

    id: VersionId


Action = Load | Unload | Park


def plan(
    wanted: Set[VersionId],
    statuses: Mapping[VersionId, Status],
    routed: Set[VersionId],
    residents: Set[VersionId],
    now: float,
) -> list[Action]:
    """The actions that bring what is there closer to what is wanted, in a stable order: what goes, goes first.

    ``routed`` are the versions that take traffic now: they stay, also unwanted, until others have taken their place.
    ``residents`` are those for which there is memory. ``now`` is in seconds since the epoch.
    """
    loads: list[Action] = [
        Load(one) for one in (wanted | routed) & residents if one not in statuses or _due(statuses[one], now)
    ]
    parks: list[Action] = [
        Park(one) for one in wanted - residents if one not in statuses or statuses[one].state in _PARKABLE
    ]
    unloads: list[Action] = [
        Unload(one)
        for one, status in statuses.items()
        if one not in wanted and one not in routed and status.state not in (State.LOADING, State.UNLOADING)
    ]
    return [*_sorted(unloads), *_sorted(parks), *_sorted(loads)]


def retry_after(failures: int) -> float:
    """Seconds to wait after so many failed attempts."""
    return min(LAST_RETRY, FIRST_RETRY * 2.0 ** (failures - 1))


_PARKABLE = (State.READY, State.PENDING)


def _sorted(actions: list[Action]) -> list[Action]:
    return sorted(actions, key=lambda action: (action.id.model, action.id.version))


def _due(status: Status, now: float) -> bool:
    if status.state is State.FAILED:
        return now >= status.since + retry_after(status.failures)
    return status.state in (State.PENDING, State.NOT_LOADED)
