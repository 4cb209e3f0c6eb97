"""Settings of the server that clients notice: required models, bounded memory, compression, the size of messages."""

from collections.abc import Callable
from pathlib import Path

import grpc
import numpy as np
import pytest

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_server import app, lifecycle
from hotshelf_server.settings import Settings
from hotshelf_store import Store
from tests.fakes.bundles import ROWS, publish_lightgbm
from tests.integration.conftest import Serve, wait_until
from tests.integration.protocol.conftest import publish_python
from tests.integration.protocol.speaking import arrays, ask, rows

MIB = 1 << 20


def test_a_server_is_not_ready_before_the_models_that_it_needs_are(store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "toy")
    settings = {"store": tmp_path / "store", "port": 0, "metrics_port": 0, "drain_delay": 0, "poll_seconds": 0.05}
    server = app.build(Settings.model_validate({**settings, "required_models": ["toy", "late"]}))
    lifecycle.start(server)
    try:
        with grpc.insecure_channel(f"localhost:{server.listener.port}") as channel:
            stub = GRPCInferenceServiceStub(channel)
            wait_until(lambda: answers(stub, "toy"))
            assert not stub.ServerReady(pb.ServerReadyRequest()).ready
            publish_lightgbm(store, tmp_path / "late", "late")
            wait_until(lambda: stub.ServerReady(pb.ServerReadyRequest()).ready)
            assert answers(stub, "late")
    finally:
        lifecycle.stop(server)


def answers(stub: GRPCInferenceServiceStub, model: str) -> bool:
    try:
        return bool(stub.ModelInfer(ask(model, rows(ROWS))).outputs)
    except grpc.RpcError:
        return False


def test_where_memory_is_bounded_a_model_is_loaded_when_it_is_called(
    serve: Serve, store: Store, tmp_path: Path
) -> None:
    for model in ("a", "b"):
        publish_lightgbm(store, tmp_path / model, model)
    running = serve(max_loaded=1)
    with grpc.insecure_channel(running.address) as channel:
        stub = GRPCInferenceServiceStub(channel)
        for model in ("a", "b", "a"):
            assert stub.ModelInfer(ask(model, rows(ROWS)), timeout=60).model_name == model
            states = {one.name: one.state for one in stub.RepositoryIndex(pb.RepositoryIndexRequest()).models}
            assert list(states.values()).count("READY") <= 1


@pytest.mark.parametrize("compression", ["none", "gzip", "deflate"])
def test_compressed_requests_are_read_and_answers_are_compressed_as_the_setting_says(
    serve: Serve, store: Store, tmp_path: Path, compression: str
) -> None:
    publish_python(store, tmp_path / "large", "large", "Large")
    running = serve(compression=compression, allow_python=["tests.fakes"], max_message_bytes=2 * MIB)
    # Every client sends the same many zeros; whoever accepts a compression gets it.
    with grpc.insecure_channel(running.address) as channel:
        stub = GRPCInferenceServiceStub(channel)
        numbers = np.zeros(MIB // 8)
        numbers[0] = MIB // 8
        request = ask("large", {"x": ("FP64", numbers)})
        for sent in (grpc.Compression.NoCompression, grpc.Compression.Gzip, grpc.Compression.Deflate):
            answer, call = stub.ModelInfer.with_call(request, compression=sent, timeout=30)
            assert arrays(answer)["y"].shape == (MIB // 8,)
            told = dict(call.initial_metadata()).get("grpc-encoding", "none")  # gRPC may keep it to itself
            assert told in ("none", "identity", compression)


def test_a_message_at_the_limit_is_taken_and_one_beyond_is_refused(serve: Serve, store: Store, tmp_path: Path) -> None:
    publish_python(store, tmp_path / "large", "large", "Large")
    running = serve(allow_python=["tests.fakes"], max_message_bytes=MIB)
    unbounded = [("grpc.max_receive_message_length", -1)]
    with grpc.insecure_channel(running.address, options=unbounded) as channel:
        stub = GRPCInferenceServiceStub(channel)
        assert stub.ModelInfer(padded(MIB), timeout=30).outputs
        assert refusal(lambda: stub.ModelInfer(padded(MIB + 1), timeout=30)) is grpc.StatusCode.RESOURCE_EXHAUSTED
        # Answers have the same limit.
        assert stub.ModelInfer(asking_for(MIB // 8 - 100), timeout=30).outputs
        too_large = refusal(lambda: stub.ModelInfer(asking_for(MIB // 8 + 100), timeout=30))
        assert too_large is grpc.StatusCode.RESOURCE_EXHAUSTED


def asking_for(numbers: int) -> pb.ModelInferRequest:
    return ask("large", {"x": ("FP64", np.array([float(numbers)]))})


def padded(size: int) -> pb.ModelInferRequest:
    """A request of exactly so many bytes."""
    request = asking_for(1)
    request.parameters["padding"].string_param = "x" * (size - 100)
    request.parameters["padding"].string_param += "x" * (size - request.ByteSize())
    assert request.ByteSize() == size
    return request


def refusal(call: Callable[[], object]) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value.code()
