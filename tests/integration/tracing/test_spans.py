"""Calls to a real server become spans at a collector, in their callers' traces."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import grpc
import numpy as np
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_server.settings import load_settings
from hotshelf_store import open_store
from tests.fakes.bundles import publish_lightgbm
from tests.integration.conftest import serving
from tests.integration.protocol.speaking import ask, rows
from tests.integration.tracing.collector import Collector, attributes, collecting

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACED = ("traceparent", f"00-{TRACE}-{PARENT}-01")
UNTRACED = ("traceparent", f"00-{TRACE}-{PARENT}-00")
PRIVATE = "s3cr3t-of-the-caller"
CALLS = 8


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    publish_lightgbm(open_store(tmp_path / "store"), tmp_path / "bundle")
    return tmp_path / "store"


def called(
    store: Path, metadata: Sequence[tuple[str, str]] = (), *, share: float = 0.0, model: str = "toy", **settings: object
) -> Collector:
    """What a collector got of one call, or of `CALLS` at once where calls are joined."""
    with collecting() as collector:
        with (
            serving(store=store, tracing_endpoint=collector.address, tracing_share=share, **settings) as running,
            grpc.insecure_channel(running.address) as channel,
            ThreadPoolExecutor(CALLS) as pool,
        ):
            stub = GRPCInferenceServiceStub(channel)

            def call(_: int) -> None:
                request = ask(model, rows(np.ones((2, 3))), identifier="r-1")
                with nullcontext() if model == "toy" else pytest.raises(grpc.RpcError):
                    stub.ModelInfer(request, metadata=tuple(metadata))

            list(pool.map(call, range(CALLS if "model_settings" in settings else 1)))
        return collector


def test_a_call_is_a_span_of_its_callers_trace_with_its_stages_inside_it(store: Path) -> None:
    collector = called(store, [TRACED])
    (span,) = collector.spans("ModelInfer")
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert span.kind == Span.SPAN_KIND_SERVER
    assert attributes(span) == {
        "rpc.system": "grpc",
        "rpc.method": "ModelInfer",
        "rpc.grpc.status_code": 0,
        "hotshelf.model": "toy",
        "hotshelf.version": 1,
        "hotshelf.rows": 2,
        "hotshelf.request_id": "r-1",
    }
    stages = [one for one in collector.spans() if one.parent_span_id == span.span_id]
    assert [stage.name for stage in stages] == ["decode", "queue", "compute", "encode"]
    assert all(stage.trace_id == span.trace_id for stage in stages)
    slack = 100_000  # a stage's length is rounded to whole nanoseconds, and begins where the last one ended
    for stage in stages:
        assert span.start_time_unix_nano <= stage.start_time_unix_nano <= stage.end_time_unix_nano
        assert stage.end_time_unix_nano <= span.end_time_unix_nano + slack
    assert collector.resource["service.name"] == "hotshelf-server"


def test_a_caller_who_records_no_trace_is_not_recorded(store: Path) -> None:
    assert called(store, [UNTRACED], share=1.0).spans() == []


@pytest.mark.parametrize(("share", "spans"), [(1.0, 1), (0.0, 0)])
def test_a_share_of_the_calls_without_a_trace_begin_their_own(store: Path, share: float, spans: int) -> None:
    found = called(store, share=share).spans("ModelInfer")
    assert len(found) == spans
    assert all(not span.parent_span_id for span in found)


def test_a_call_that_fails_is_told_with_its_code(store: Path) -> None:
    (span,) = called(store, [TRACED], model="nobody").spans("ModelInfer")
    assert attributes(span)["rpc.grpc.status_code"] == grpc.StatusCode.NOT_FOUND.value[0]
    assert span.status.code == Status.STATUS_CODE_UNSET, "the caller's mistake is no error of the server"


def test_calls_that_were_computed_at_once_link_to_one_batch(store: Path) -> None:
    batching = {"toy": {"batching": {"max_rows": 2 * CALLS, "max_delay_seconds": 5.0}}}
    collector = called(store, [TRACED], model_settings=batching)
    (batch,) = collector.spans("batch")
    assert attributes(batch) == {"hotshelf.calls": CALLS, "hotshelf.rows": 2 * CALLS}
    computed = collector.spans("compute")
    assert len(computed) == CALLS
    assert {tuple(link.span_id for link in span.links) for span in computed} == {(batch.span_id,)}


def test_neither_secrets_nor_tensors_are_sent(store: Path) -> None:
    collector = called(store, [TRACED, ("authorization", PRIVATE), ("cookie", PRIVATE)])
    assert collector.spans()
    assert PRIVATE.encode() not in collector.raw
    assert np.ones(3).tobytes() not in collector.raw


def test_an_endpoint_without_a_scheme_is_refused(store: Path) -> None:
    with pytest.raises(Exception, match="tracing_endpoint"):
        load_settings(None, {"store": store, "tracing_endpoint": "collector:4317"}, {})
