"""No call is lost when servers are replaced or killed, or when the model changes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from hotshelf_store import Store
from tests.e2e.scaling.callers import Call, Load, our_client, through_envoy
from tests.e2e.scaling.fleet import Fleet, fleet_of
from tests.e2e.server_process import wait_until
from tests.fakes.bundles import publish_lightgbm

Calling = Callable[[Fleet, Path], AbstractContextManager[Call]]
both = pytest.mark.parametrize("calling", [our_client, through_envoy])


@both
def test_servers_are_replaced_one_by_one_without_a_failed_call(calling: Calling, store: Store, tmp_path: Path) -> None:
    with fleet_of(3, tmp_path / "store") as fleet, calling(fleet, tmp_path) as call, Load(call) as load:
        for old in list(fleet.replicas):
            fleet.start()
            fleet.drop(old)
            assert old.process.terminate() == 0
        wait_until(lambda: all(one.answered() for one in fleet.replicas))
    assert load.failures == []
    assert load.answered > 100


@both
def test_model_is_replaced_without_a_failed_call(calling: Calling, store: Store, tmp_path: Path) -> None:
    with fleet_of(3, tmp_path / "store") as fleet, calling(fleet, tmp_path) as call, Load(call) as load:
        for trees in (4, 5):
            version = publish_lightgbm(store, tmp_path / f"trees{trees}", trees=trees)
            wait_until(lambda: all(one.metric(CALLS, model="toy", version=str(version)) for one in fleet.replicas))  # noqa: B023 - called at once
    assert load.failures == []


@both
def test_killed_server_loses_no_call(calling: Calling, store: Store, tmp_path: Path) -> None:
    with fleet_of(3, tmp_path / "store") as fleet, calling(fleet, tmp_path) as call, Load(call) as load:
        wait_until(lambda: all(one.answered() for one in fleet.replicas))
        killed, *others = fleet.replicas
        killed.process.kill()
        before = load.answered
        wait_until(lambda: load.answered > before + 500)  # while the name still leads there
        fleet.drop(killed)
        known = [one.answered() for one in others]
        wait_until(lambda: all(one.answered() > was for one, was in zip(others, known, strict=True)))
    assert load.failures == []


CALLS = "hotshelf_calls_total"
