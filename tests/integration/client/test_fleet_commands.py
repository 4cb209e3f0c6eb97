"""``hotshelf alias`` and ``hotshelf status``."""

import json
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from threading import Timer

import pytest

from hotshelf.registry.v1 import alias_pb2, registry_pb2
from hotshelf_cli.commands import GROUP
from hotshelf_cli.main import main
from hotshelf_store import Store
from tests.fakes.bundles import lightgbm_bundle, publish_lightgbm
from tests.fakes.hotshelf import FakeHotshelf, serving
from tests.integration.conftest import Serve

COMMANDS = {
    "alias": EntryPoint("alias", "hotshelf_client.alias_command:Alias", GROUP),
    "status": EntryPoint("status", "hotshelf_client.status_command:Status", GROUP),
}
NOBODY = "localhost:1"

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def other() -> Iterator[FakeHotshelf]:
    with serving() as fake:
        yield fake


def hotshelf(*arguments: str) -> int:
    return main(arguments, COMMANDS)


def tells(server: FakeHotshelf, state: registry_pb2.VersionState.ValueType, *, holds: int) -> None:
    """Let a fake be a replica that was asked for version 12 and serves another until then."""
    route = {"champion": alias_pb2.Route(weights={12: 100})}
    model = registry_pb2.Model(
        name="shop",
        aliases=alias_pb2.AliasRevision(revision=3, routes=route),
        versions=[registry_pb2.VersionStatus(version=12, state=state, reason="" if holds == 12 else "fetching")],
        routes={"champion": alias_pb2.Route(weights={holds: 100})},
    )
    server.answers["ListModelsRequest"] = [registry_pb2.ListModelsResponse(models=[model], replica_id=server.address)]


def test_alias_sets_shares_and_says_who_and_why(server: FakeHotshelf, capsys: Capture) -> None:
    words = ["shop", "champion", "12=95", "13=5", "--reason", "a look", "--revision", "4"]
    assert hotshelf("alias", *words, "--server", server.address) == 0
    assert "revision 6: champion → 12 (95%), 13 (5%)" in capsys.readouterr().out
    (request,) = server.requests
    assert (dict(request.weights), request.expected_revision, request.reason) == ({12: 95, 13: 5}, 4, "a look")
    assert request.author


def test_alias_of_one_version_takes_all_and_remove_takes_it_away(server: FakeHotshelf) -> None:
    assert hotshelf("alias", "shop", "next", "14", "--server", server.address) == 0
    assert hotshelf("alias", "shop", "next", "--remove", "--server", server.address) == 0
    assert [dict(request.weights) for request in server.requests] == [{14: 100}, {}]
    assert all(request.any_revision for request in server.requests)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "expected either versions such as 12=95 13=5, or --remove"),
        (["12", "--remove"], "expected either versions"),
        (["12=x"], "expected VERSION or VERSION=WEIGHT such as 12=95, found '12=x'"),
        (["12", "12=5"], "version 12 is given twice"),
        (["12", "--force"], "--force needs --reason"),
    ],
)
def test_alias_refuses_what_it_cannot_read(
    server: FakeHotshelf, capsys: Capture, words: list[str], message: str
) -> None:
    assert hotshelf("alias", "shop", "next", *words, "--server", server.address) == 2
    assert message in capsys.readouterr().err
    assert server.requests == []


def test_status_tells_how_many_replicas_have_a_version_and_who_is_silent(
    server: FakeHotshelf, other: FakeHotshelf, capsys: Capture
) -> None:
    tells(server, registry_pb2.VERSION_STATE_READY, holds=12)
    tells(other, registry_pb2.VERSION_STATE_LOADING, holds=11)
    replicas = f"{server.address},{other.address},{NOBODY}"
    assert hotshelf("status", "shop", "--server", replicas) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "shop champion 100% v12 on 1 of 3, 1 loading, 0 failed fetching" in shown
    assert f"{NOBODY} did not answer: UNAVAILABLE" in shown
    assert shown.endswith("not converged")


def test_status_ends_well_once_all_have_converged(server: FakeHotshelf, other: FakeHotshelf, capsys: Capture) -> None:
    for one in (server, other):
        tells(one, registry_pb2.VERSION_STATE_READY, holds=12)
    assert hotshelf("status", "--server", f"{server.address},{other.address}", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["converged"], found["replicas"], found["targets"][0]["on"]) == (True, 2, 2)


def test_status_of_a_model_that_no_replica_knows_fails(server: FakeHotshelf, capsys: Capture) -> None:
    assert hotshelf("status", "ship", "--server", server.address) == 1
    assert "no replica knows model 'ship'" in capsys.readouterr().err


def test_status_waits_until_a_new_champion_is_everywhere(
    serve: Serve, store: Store, tmp_path: Path, capsys: Capture
) -> None:
    publish_lightgbm(store, tmp_path / "first")
    replicas = ",".join(serve().address for _ in range(2))
    assert hotshelf("status", "--server", replicas) == 0
    publish = Timer(0.2, publish_lightgbm, (store, tmp_path / "second"), {"trees": 5})
    publish.start()
    store.set_alias("toy", "next", {2: 1})
    assert hotshelf("status", "toy", "--server", replicas) == 1
    assert hotshelf("status", "toy", "--server", replicas, "--wait", "60") == 0
    assert "v2 on 2 of 2" in capsys.readouterr().out
    publish.join()


def test_status_stops_waiting_when_the_time_is_over(
    serve: Serve, store: Store, tmp_path: Path, capsys: Capture
) -> None:
    publish_lightgbm(store, tmp_path / "first")
    folder = tmp_path / "bad"
    store.publish("toy", folder, lightgbm_bundle(folder, spoiled_golden=True))
    server = serve().address
    assert hotshelf("status", "toy", "--server", server, "--wait", "0.5") == 1
    assert "v2 on 0 of 1" in capsys.readouterr().out
