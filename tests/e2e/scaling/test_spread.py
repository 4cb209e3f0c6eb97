"""Calls are spread evenly over replicas, and one that is added gets its share."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from hotshelf_client.connection import LOOK_SECONDS
from hotshelf_store import Store
from tests.e2e.scaling.callers import FLOOR, Call, Load, our_client, stock_client, through_envoy
from tests.e2e.scaling.fleet import Fleet, fleet_of
from tests.e2e.server_process import wait_until

Calling = Callable[[Fleet, Path], AbstractContextManager[Call]]

CALLS = 3000
"""Envoy takes the less busy of two at random: fewer would be uneven by chance."""

AGE = 3.0
"""Seconds of a connection."""

SLACK = 5.0
"""Seconds, on a machine that has other things to do."""


@pytest.mark.parametrize("calling", [our_client, stock_client, through_envoy])
def test_calls_are_spread_evenly(calling: Calling, store: Store, tmp_path: Path) -> None:
    with fleet_of(3, tmp_path / "store") as fleet, calling(fleet, tmp_path) as call:
        wait_until(lambda: call() and all(one.answered() for one in fleet.replicas))
        before = [one.answered() for one in fleet.replicas]
        for _ in range(CALLS):
            call()
        shares = [one.answered() - known for one, known in zip(fleet.replicas, before, strict=True)]
        assert sum(shares) == CALLS
        assert max(shares) / min(shares) <= 1.2, shares


@pytest.mark.parametrize(
    ("calling", "seconds"),
    [
        (our_client, LOOK_SECONDS),
        # DNS and health of the servers are looked at every 2 s.
        (through_envoy, 4.0),
        # gRPC shortens and lengthens the age by a tenth, and leaves 30 s between looks where this test leaves fewer.
        (stock_client, AGE * 1.1 + FLOOR),
    ],
)
def test_replica_that_is_added_gets_calls_in_time(
    calling: Calling, seconds: float, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "server.yaml").write_text(f"max_connection_age: {AGE if calling is stock_client else 0}")
    with (
        fleet_of(2, tmp_path / "store", "--config", tmp_path / "server.yaml") as fleet,
        calling(fleet, tmp_path) as call,
        Load(call) as load,
    ):
        (added,) = fleet.start()
        assert added.answered() == 0
        fleet.announce()
        announced = time.monotonic()
        wait_until(added.answered)
        assert time.monotonic() - announced <= seconds + SLACK
    assert load.failures == []
