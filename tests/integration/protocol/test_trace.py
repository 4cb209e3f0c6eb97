"""TraceSetting: settings are told, changed and refused, and a traced call leaves a line of its stages."""

import json
import logging
from collections.abc import Iterator

import grpc
import pytest

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from tests.fakes.bundles import ROWS
from tests.integration.conftest import wait_until
from tests.integration.protocol.speaking import ask, rows

DEFAULTS = {
    "trace_level": ["OFF"],
    "trace_rate": ["1000"],
    "trace_count": ["-1"],
    "log_frequency": ["0"],
    "trace_file": [""],
    "trace_mode": ["triton"],
}


def trace(stub: GRPCInferenceServiceStub, model: str = "", /, **values: list[str]) -> dict[str, list[str]]:
    """Change some settings, and tell all."""
    settings = {name: pb.TraceSettingRequest.SettingValue(value=value) for name, value in values.items()}
    answer = stub.TraceSetting(pb.TraceSettingRequest(model_name=model, settings=settings))
    return {name: list(value.value) for name, value in answer.settings.items()}


@pytest.fixture(autouse=True)
def _as_before(stub: GRPCInferenceServiceStub) -> Iterator[None]:
    yield
    for model in ("", "toy", "batched"):
        trace(stub, model, trace_level=[], trace_rate=[], trace_count=[])


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[dict[str, object]]]:
    """What was traced so far."""

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(json.loads(record.getMessage()))

    found: list[dict[str, object]] = []
    handler, log = Heard(), logging.getLogger("hotshelf_server.trace")
    log.addHandler(handler)
    caplog.set_level(logging.INFO, "hotshelf_server.trace")
    yield found
    log.removeHandler(handler)


def call(stub: GRPCInferenceServiceStub, times: int, model: str = "toy") -> None:
    for place in range(times):
        stub.ModelInfer(ask(model, rows(ROWS), identifier=f"r{place}"))


def test_nothing_is_traced_to_begin_with(stub: GRPCInferenceServiceStub, lines: list[dict[str, object]]) -> None:
    assert trace(stub) == DEFAULTS
    call(stub, 3)
    assert lines == []


def test_a_traced_call_leaves_a_line_of_its_stages(
    stub: GRPCInferenceServiceStub, lines: list[dict[str, object]]
) -> None:
    assert trace(stub, trace_level=["TIMESTAMPS"], trace_rate=["1"])["trace_level"] == ["TIMESTAMPS"]
    call(stub, 1)
    wait_until(lambda: lines)
    (line,) = lines
    assert (line["method"], line["model"], line["version"], line["id"]) == ("ModelInfer", "toy", 1, "r0")
    stages = [line[f"{stage}_us"] for stage in ("decode", "queue", "join", "compute", "part", "encode")]
    assert all(isinstance(spent, float) and spent >= 0 for spent in stages)
    total = line["total_us"]
    assert isinstance(total, float)
    assert 0 < sum(float(str(spent)) for spent in stages) <= total + 1


def test_one_of_every_rate_is_traced_until_the_count_is_used_up(
    stub: GRPCInferenceServiceStub, lines: list[dict[str, object]]
) -> None:
    trace(stub, trace_level=["TIMESTAMPS"], trace_rate=["3"], trace_count=["2"])
    call(stub, 12)
    wait_until(lambda: len(lines) >= 2)
    assert [line["id"] for line in lines] == ["r2", "r5"]
    assert trace(stub)["trace_count"] == ["0"]


def test_settings_of_a_model_are_its_own_and_go_back_to_those_of_all(
    stub: GRPCInferenceServiceStub, lines: list[dict[str, object]]
) -> None:
    trace(stub, trace_rate=["7"])
    assert trace(stub, "toy", trace_level=["TIMESTAMPS"], trace_rate=["1"])["trace_rate"] == ["1"]
    assert trace(stub)["trace_level"] == ["OFF"]
    call(stub, 1, "batched")
    call(stub, 1, "toy")
    wait_until(lambda: lines)
    assert [line["model"] for line in lines] == ["toy"]
    assert trace(stub, "toy", trace_rate=[], trace_level=[])["trace_rate"] == ["7"]


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("trace_level", ["TENSORS"], "'TENSORS', expected OFF or TIMESTAMPS"),
        ("trace_rate", ["0"], "one whole number from 1 up"),
        ("trace_rate", ["1", "2"], "one whole number from 1 up"),
        ("trace_count", ["many"], "one whole number from -1 up"),
        ("trace_file", ["file"], "traces go to the server's log"),
        ("trace_colour", ["red"], "'trace_colour' is unknown, expected one of trace_level"),
    ],
)
def test_a_setting_that_is_not_served_is_refused_and_changes_nothing(
    stub: GRPCInferenceServiceStub, name: str, values: list[str], words: str
) -> None:
    with pytest.raises(grpc.RpcError, match=words) as caught:
        trace(stub, trace_mode=["triton"], **{name: values})
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert trace(stub) == DEFAULTS


def test_a_model_that_is_not_served_has_no_settings(stub: GRPCInferenceServiceStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        trace(stub, "nobody", trace_rate=["1"])
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
