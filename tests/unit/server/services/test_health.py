"""Health checks and watches, over a real gRPC server."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from hotshelf_server.services.health import Health
from hotshelf_server.transport.pools import Pooled

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


@pytest.fixture
def health() -> Iterator[Health]:
    health = Health()
    health.start()
    yield health
    health.stop()


@pytest.fixture
def stub(health: Health) -> Iterator[health_pb2_grpc.HealthStub]:
    with ThreadPoolExecutor(2) as pool:
        server = grpc.server(pool)
        servicer = Pooled(health, {"Check": pool, "Watch": pool}, callbacks=("Watch",))
        health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
        port = server.add_insecure_port("localhost:0")
        server.start()
        with grpc.insecure_channel(f"localhost:{port}") as channel:
            yield health_pb2_grpc.HealthStub(channel)
        server.stop(0).wait()


def ask(name: str = "") -> health_pb2.HealthCheckRequest:
    return health_pb2.HealthCheckRequest(service=name)


def test_server_and_models_are_told_apart(health: Health, stub: health_pb2_grpc.HealthStub) -> None:
    health.update(server=True, models={"a": True, "b": False})
    assert [stub.Check(ask(name)).status for name in ("", "a", "b")] == [SERVING, SERVING, NOT_SERVING]


def test_liveness_depends_on_no_model_and_outlasts_the_drain(health: Health, stub: health_pb2_grpc.HealthStub) -> None:
    assert stub.Check(ask("hotshelf.Live")).status == SERVING
    health.update(server=True, models={"hotshelf.Live": False})
    health.drain()
    assert [stub.Check(ask(name)).status for name in ("", "hotshelf.Live")] == [NOT_SERVING, SERVING]


def test_a_model_that_nobody_knows_is_not_found(stub: health_pb2_grpc.HealthStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        stub.Check(ask("nobody"))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_watchers_hear_of_changes_alone(health: Health, stub: health_pb2_grpc.HealthStub) -> None:
    watch = stub.Watch(ask("a"))
    assert next(watch).status == UNKNOWN
    health.update(server=True, models={"a": True})
    assert next(watch).status == SERVING
    health.update(server=False, models={"a": True})
    health.update(server=True, models={})
    assert next(watch).status == UNKNOWN
    watch.cancel()


def test_who_drains_serves_nothing_any_more(health: Health, stub: health_pb2_grpc.HealthStub) -> None:
    health.update(server=True, models={"a": True})
    watch = stub.Watch(ask())
    assert next(watch).status == SERVING
    health.drain()
    assert next(watch).status == NOT_SERVING
    health.update(server=True, models={"a": True})
    assert stub.Check(ask("a")).status == NOT_SERVING
    watch.cancel()


def test_watchers_that_leave_in_the_moment_of_a_change_hold_up_nothing(
    health: Health, stub: health_pb2_grpc.HealthStub
) -> None:
    over = threading.Event()

    def flicker() -> None:
        serving = False
        while not over.is_set():
            serving = not serving
            health.update(server=serving, models={})

    thread = threading.Thread(target=flicker)
    thread.start()
    try:
        for _ in range(40):
            watches = [stub.Watch(ask()) for _ in range(8)]
            for watch in watches:
                next(watch)
                watch.cancel()
        assert stub.Check(ask(), timeout=20).status in (SERVING, NOT_SERVING)
    finally:
        over.set()
        thread.join()
