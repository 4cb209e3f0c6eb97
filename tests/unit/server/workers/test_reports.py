"""What all workers report comes to one truth."""

import pytest

from hotshelf_server.core.types import VersionId
from hotshelf_server.models.routing import Routes
from hotshelf_server.models.states import State, Status
from hotshelf_server.workers import reports
from hotshelf_server.workers.reports import UNHEARD, Report

ONE, TWO = VersionId("m", 1), VersionId("m", 2)


def report(*statuses: Status, routes: Routes | None = None, answering: bool = True) -> Report:
    return Report(True, {"m": answering}, statuses, {"m": routes} if routes else {})


def status(state: State, version: VersionId = ONE, *, since: float = 5.0, reason: str = "") -> Status:
    return Status(version, state, since, reason)


def together(*all_of_them: Report) -> list[tuple[State, str]]:
    found = reports.statuses({str(place): one for place, one in enumerate(all_of_them)})
    return [(one.state, one.reason) for one in found]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (status(State.READY), status(State.READY), (State.READY, "")),
        (status(State.READY), status(State.LOADING), (State.LOADING, "on worker 1")),
        (status(State.FAILED, reason="bad"), status(State.READY), (State.FAILED, "worker 0: bad")),
        (status(State.FAILED, reason="bad"), status(State.FAILED, reason="bad"), (State.FAILED, "bad")),
        (status(State.NOT_LOADED, reason="parked"), status(State.READY), (State.READY, "")),
    ],
)
def test_a_version_is_in_its_least_advanced_state_and_says_where(
    one: Status, other: Status, expected: tuple[State, str]
) -> None:
    assert together(report(one), report(other)) == [expected]


def test_a_version_that_one_worker_has_not_heard_of_is_pending() -> None:
    assert together(report(status(State.READY)), report()) == [(State.PENDING, f"worker 1: {UNHEARD}")]
    assert together(report(status(State.UNLOADING)), report()) == [(State.UNLOADING, "on worker 0")]


def test_versions_are_sorted_and_since_their_latest_change() -> None:
    found = reports.statuses(
        {
            "0": report(status(State.READY, TWO), status(State.READY, since=3.0)),
            "1": report(status(State.READY, since=9.0), status(State.READY, TWO)),
        }
    )
    assert [(one.id, one.since) for one in found] == [(ONE, 9.0), (TWO, 5.0)]


def test_routes_are_those_on_which_all_agree() -> None:
    ahead = report(routes={"champion": {2: 100}, "previous": {1: 100}})
    behind = report(routes={"champion": {1: 100}, "previous": {1: 100}})
    assert reports.routes([ahead, behind], "m") == {"previous": {1: 100}}
    assert reports.routes([ahead, ahead], "m") == ahead.routes["m"]
    assert reports.routes([ahead, report()], "m") == {}
    assert reports.routes([ahead], "absent") == {}


def test_a_model_answers_when_it_does_everywhere() -> None:
    no = report(answering=False)
    assert reports.answering([report(), report()]) == {"m": True}
    assert reports.answering([report(), no]) == {"m": False}
    assert reports.answering([report(), Report(True, {}, (), {})]) == {"m": False}


@pytest.mark.parametrize(
    ("state", "able"), [(State.READY, True), (State.NOT_LOADED, True), (State.LOADING, False), (State.FAILED, False)]
)
def test_calls_for_a_version_are_answered_when_every_worker_can(state: State, able: bool) -> None:
    assert reports.able([report(status(State.READY)), report(status(state))], ONE) is able
    assert not reports.able([report()], ONE)
    assert reports.able([], ONE)


def test_reports_pass_between_processes_unchanged() -> None:
    made = report(status(State.FAILED, reason="bad"), routes={"champion": {1: 90, 2: 10}})
    assert reports.from_plain(reports.to_plain(made)) == Report(
        True, {"m": True}, [status(State.FAILED, reason="bad")], {"m": {"champion": {1: 90, 2: 10}}}
    )
