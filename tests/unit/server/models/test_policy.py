"""What to do next."""

import pytest

from hotshelf_server.core.types import VersionId
from hotshelf_server.models.policy import FIRST_RETRY, LAST_RETRY, Action, Load, Unload, plan, retry_after
from hotshelf_server.models.states import State, Status

ONE, TWO = VersionId("m", 1), VersionId("m", 2)
NOW = 1_000.0


def status(version: VersionId, state: State, *, since: float = NOW, failures: int = 0) -> Status:
    return Status(version, state, since, failures=failures)


@pytest.mark.parametrize(
    ("wanted", "statuses", "routed", "actions"),
    [
        pytest.param({ONE}, [], set(), [Load(ONE)], id="what is wanted and not there is loaded"),
        pytest.param({ONE}, [status(ONE, State.READY)], {ONE}, [], id="what is ready stays"),
        pytest.param({ONE}, [status(ONE, State.LOADING)], set(), [], id="what loads is not loaded twice"),
        pytest.param(
            {ONE}, [status(ONE, State.PENDING)], set(), [Load(ONE)], id="what was not there yet is tried again"
        ),
        pytest.param(
            {TWO}, [status(ONE, State.READY)], {ONE}, [Load(TWO)], id="what takes traffic stays until another does"
        ),
        pytest.param(
            {TWO},
            [status(ONE, State.READY), status(TWO, State.READY)],
            {TWO},
            [Unload(ONE)],
            id="what lost its traffic goes",
        ),
        pytest.param(set(), [status(ONE, State.LOADING)], set(), [], id="a load is waited for"),
        pytest.param(
            set(), [status(ONE, State.FAILED)], set(), [Unload(ONE)], id="a failure is forgotten when unwanted"
        ),
        pytest.param(
            {ONE}, [status(ONE, State.FAILED, failures=1)], set(), [], id="a failure waits before it is tried again"
        ),
        pytest.param(
            {ONE},
            [status(ONE, State.FAILED, since=NOW - FIRST_RETRY, failures=1)],
            set(),
            [Load(ONE)],
            id="and is tried again then",
        ),
    ],
)
def test_plan(wanted: set[VersionId], statuses: list[Status], routed: set[VersionId], actions: list[Action]) -> None:
    here = {one.id: one for one in statuses}
    assert plan(wanted, here, routed, wanted | routed, NOW) == actions


def test_retries_back_off_up_to_a_bound() -> None:
    waits = [retry_after(failures) for failures in range(1, 12)]
    assert waits[0] == FIRST_RETRY
    assert waits == sorted(waits)
    assert waits[-1] == LAST_RETRY
