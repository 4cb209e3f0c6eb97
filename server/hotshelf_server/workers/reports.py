"""What each worker reports of itself, and what all reports come to. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hotshelf_server.core.types import VersionId
from hotshelf_server.models.routing import Routes
from hotshelf_server.models.states import State, Status
from hotshelf_server.workers.merging import LEAST_FIRST

UNHEARD = "it has not heard of it yet"

ABLE = (State.READY, State.NOT_LOADED)
"""States of versions that answer calls, if need be once they are loaded."""


@dataclass(frozen=True, slots=True)
class Report:
    """One worker: whether it has tried what it is to begin with, which models answer, its versions, and its routes."""

    settled: bool
    answering: Mapping[str, bool]
    statuses: Sequence[Status]
    routes: Mapping[str, Routes]


def to_plain(report: Report) -> dict[str, Any]:
    """For JSON."""
    return {
        "settled": report.settled,
        "answering": dict(report.answering),
        "statuses": [
            [one.id.model, one.id.version, one.state.value, one.since, one.reason, one.failures]
            for one in report.statuses
        ],
        "routes": {
            model: {alias: list(weights.items()) for alias, weights in routes.items()}
            for model, routes in report.routes.items()
        },
    }


def from_plain(plain: Mapping[str, Any]) -> Report:
    """What `to_plain` gave."""
    return Report(
        plain["settled"],
        plain["answering"],
        [
            Status(VersionId(model, version), State(state), since, reason, failures)
            for model, version, state, since, reason, failures in plain["statuses"]
        ],
        {
            model: {alias: dict(weights) for alias, weights in routes.items()}
            for model, routes in plain["routes"].items()
        },
    )


def answering(reports: Sequence[Report]) -> dict[str, bool]:
    """For each model that any worker knows, whether it answers at all of them."""
    models = dict.fromkeys(model for one in reports for model in one.answering)
    return {model: all(one.answering.get(model, False) for one in reports) for model in models}


def routes(reports: Sequence[Report], model: str) -> Routes:
    """The routes of a model on which all workers agree."""
    first, *others = [one.routes.get(model, {}) for one in reports]
    return {alias: weights for alias, weights in first.items() if all(one.get(alias) == weights for one in others)}


def able(reports: Sequence[Report], version: VersionId) -> bool:
    """Whether every worker answers calls for a version."""
    return all(any(one.id == version and one.state in ABLE for one in report.statuses) for report in reports)


def statuses(reports: Mapping[str, Report]) -> list[Status]:
    """Every version that any worker has or wants, sorted: in the state that keeps it longest from being ready at all
    of them, saying which workers are in that state unless all are."""
    found: dict[VersionId, dict[str, Status]] = {}
    for worker, report in reports.items():
        for status in report.statuses:
            found.setdefault(status.id, {})[worker] = status
    return [_together(version, found[version], reports) for version in sorted(found)]


def _together(version: VersionId, found: Mapping[str, Status], reports: Mapping[str, Report]) -> Status:
    since = max(one.since for one in found.values())
    unheard = Status(version, State.PENDING, since, UNHEARD)
    everywhere = {worker: found.get(worker, unheard) for worker in reports}
    least = min(everywhere.values(), key=lambda one: LEAST_FIRST.index(one.state.value))
    alike = [worker for worker, one in everywhere.items() if one.state is least.state]
    if len(alike) == len(everywhere):
        return replace(least, since=since)
    who = f"worker {', '.join(sorted(alike))}"
    if least.state in ABLE:
        return replace(least, since=since)
    return replace(least, since=since, reason=f"{who}: {least.reason}" if least.reason else f"on {who}")
