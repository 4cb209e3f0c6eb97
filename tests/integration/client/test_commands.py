"""The commands ask a server, and show people and machines what it said."""

import json
from importlib.metadata import EntryPoint

import grpc
import pytest

from hotshelf.recommend.v1 import recommend_pb2
from hotshelf.registry.v1 import alias_pb2, registry_pb2
from hotshelf_cli.commands import GROUP
from hotshelf_cli.main import main
from tests.fakes.hotshelf import FakeHotshelf, Fault

NAMES = ["predict", "recommend", "models", "versions", "promote", "rollback"]
COMMANDS = {name: EntryPoint(name, f"hotshelf_client.command:{name.title()}", GROUP) for name in NAMES}
COMMANDS["history"] = EntryPoint("history", "hotshelf_client.alias_command:History", GROUP)

Capture = pytest.CaptureFixture[str]


def hotshelf(server: FakeHotshelf, *arguments: str) -> int:
    return main([*arguments, "--server", server.address], COMMANDS)


def test_predict_reads_json_by_the_models_signature(server: FakeHotshelf, capsys: Capture) -> None:
    inputs = ["--input", "x=[[1, null]]", "--input", 'word=["[bold]"]', "--parameter", "k=3"]
    assert hotshelf(server, "predict", "m", *inputs) == 0
    shown = capsys.readouterr().out
    assert "m version 7" in shown
    assert "x  float32 [1, 2]" in shown
    assert "[bold]" in shown
    assert server.requests[-1].inputs[0].datatype == "FP32"
    assert server.requests[-1].parameters["k"].int64_param == 3


def test_predict_answers_machines_in_json(server: FakeHotshelf, capsys: Capture) -> None:
    assert hotshelf(server, "predict", "m", "--input", "x=[[1, null]]", "--input", 'word=["ü"]', "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {
        "outputs": {"x": [[1.0, "NaN"]], "word": ["ü"]},
        "model": "m",
        "version": 7,
        "parameters": {},
    }


def test_bad_input_is_wrong_usage(server: FakeHotshelf, capsys: Capture) -> None:
    assert hotshelf(server, "predict", "m", "--input", "z=[1]") == 2
    assert capsys.readouterr().err.startswith("hotshelf: m has no input 'z'; it takes x: FP32 [-1, 2]")


def test_recommend_shows_products_with_reasons(server: FakeHotshelf, capsys: Capture) -> None:
    item = recommend_pb2.Recommendation(
        product="p1", title="Milk [1 l]", score=2.5, reason=recommend_pb2.Reason(text="bought 6 times")
    )
    server.answers["RecommendRequest"] = [
        recommend_pb2.RecommendResponse(
            model="shop", version=3, recommendations=[item], fallback=recommend_pb2.FALLBACK_UNKNOWN_CUSTOMER
        )
    ]
    wishes = ["-k", "5", "--basket", "a", "b", "--repeat-policy", "new_only", "--as-of", "2026-03-01"]
    assert hotshelf(server, "recommend", "shop", "c1", *wishes) == 0
    shown = capsys.readouterr().out
    assert "Milk [1 l]" in shown
    assert "bought 6 times" in shown
    assert "shop version 3, less personal than asked for: unknown customer" in shown
    assert list(server.requests[0].basket) == ["a", "b"]
    assert server.requests[0].as_of.seconds == 1772323200


def test_models_shows_where_traffic_goes(server: FakeHotshelf, capsys: Capture) -> None:
    routes = {"champion": alias_pb2.Route(weights={2: 95, 3: 5}), "candidate": alias_pb2.Route(weights={3: 1})}
    server.answers["ListModelsRequest"] = [
        registry_pb2.ListModelsResponse(
            models=[registry_pb2.Model(name="shop", aliases=alias_pb2.AliasRevision(routes=routes))]
        )
    ]
    assert hotshelf(server, "models") == 0
    assert "candidate → 3; champion → 2 (95%), 3 (5%)" in capsys.readouterr().out


def test_versions_shows_why_one_failed(server: FakeHotshelf, capsys: Capture) -> None:
    version = registry_pb2.Version()
    version.manifest.version = 3
    version.manifest.verdict.passed = False
    version.status.state = registry_pb2.VERSION_STATE_FAILED
    version.status.reason = "sha256 differs"
    server.answers["ListVersionsRequest"] = [registry_pb2.ListVersionsResponse(versions=[version])]
    assert hotshelf(server, "versions", "shop") == 0
    shown = capsys.readouterr().out
    assert "failed: sha256 differs" in " ".join(shown.split())


def test_history_shows_who_changed_what_and_why(server: FakeHotshelf, capsys: Capture) -> None:
    entry = alias_pb2.AliasRevision(
        revision=7,
        routes={"champion": alias_pb2.Route(weights={2: 100})},
        author="judge",
        reason="v3 was slower",
        change=alias_pb2.CHANGE_SET_ALIAS,
        forced=True,
    )
    server.answers["ListAliasHistoryRequest"] = [registry_pb2.ListAliasHistoryResponse(revisions=[entry])]
    assert hotshelf(server, "history", "shop", "--limit", "3") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert all(word in shown for word in ("7", "judge", "set_alias (forced)", "champion → 2", "v3 was slower"))
    assert (server.requests[0].model, server.requests[0].page_size) == ("shop", 3)


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "many"])
def test_a_limit_that_no_answer_can_have_is_refused(server: FakeHotshelf, capsys: Capture, limit: str) -> None:
    with pytest.raises(SystemExit):
        hotshelf(server, "history", "shop", "--limit", limit)
    assert "from 1 to 1000" in capsys.readouterr().err


def test_promote_says_who_and_why(server: FakeHotshelf, capsys: Capture) -> None:
    assert hotshelf(server, "promote", "m", "3", "--force", "--reason", "urgent") == 0
    assert "revision 4: champion → 3" in capsys.readouterr().out
    (request,) = server.requests
    assert (request.version, request.force, request.reason) == (3, True, "urgent")
    assert request.author


def test_force_needs_a_reason(server: FakeHotshelf, capsys: Capture) -> None:
    assert hotshelf(server, "promote", "m", "3", "--force") == 2
    assert "--force needs --reason" in capsys.readouterr().err
    assert server.requests == []


def test_rollback_shows_the_routing(server: FakeHotshelf, capsys: Capture) -> None:
    assert hotshelf(server, "rollback", "m", "--reason", "worse") == 0
    assert "revision 5: champion → 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (grpc.StatusCode.NOT_FOUND, 1),
        (grpc.StatusCode.FAILED_PRECONDITION, 1),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, 3),
        (grpc.StatusCode.UNAVAILABLE, 3),
        (grpc.StatusCode.DEADLINE_EXCEEDED, 3),
    ],
)
def test_failure_is_one_line_and_a_status(
    server: FakeHotshelf, capsys: Capture, code: grpc.StatusCode, status: int
) -> None:
    server.faults = [Fault(code, "because", "WHY")] * 4
    assert hotshelf(server, "models") == status
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("hotshelf: WHY: because (")
    assert shown.err.count("\n") == 1


def test_address_without_a_port_is_wrong_usage(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["models", "--server", "localhost"], COMMANDS)
    assert ended.value.code == 2
    assert "expected host:port, found 'localhost'" in capsys.readouterr().err


def test_server_may_come_from_the_environment(
    server: FakeHotshelf, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("HOTSHELF_SERVER", server.address)
    assert main(["models", "--json"], COMMANDS) == 0
    assert json.loads(capsys.readouterr().out) == []
