"""The gRPC port: one `grpc.server`, its pools, its limits."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from hotshelf.inference import open_inference_pb2, open_inference_pb2_grpc
from hotshelf.recommend.v1 import recommend_pb2, recommend_pb2_grpc
from hotshelf.reflection.v1 import reflection_pb2 as reflection_v1
from hotshelf.reflection.v1 import reflection_pb2_grpc as reflection_v1_grpc
from hotshelf.reflection.v1alpha import reflection_pb2 as reflection_v1alpha
from hotshelf.reflection.v1alpha import reflection_pb2_grpc as reflection_v1alpha_grpc
from hotshelf.registry.v1 import registry_pb2, registry_pb2_grpc
from hotshelf_server.core.ports import taken
from hotshelf_server.services import wire
from hotshelf_server.services.health import MAX_WATCHERS, Health
from hotshelf_server.services.inference import InferenceService
from hotshelf_server.services.recommend import RecommendationService
from hotshelf_server.services.reflection import ReflectionService, Schema
from hotshelf_server.services.registry import RegistryService
from hotshelf_server.transport.fast import FastLane, FastMethod, InterfaceChanged, Shortcut, prove
from hotshelf_server.transport.pools import Pooled
from hotshelf_server.transport.recoded import Recoded

log = logging.getLogger(__name__)

REFLECTION_THREADS = 4
"""Streams of reflection that are answered at once."""

PROBE_THREADS = 2
"""Threads for health and readiness."""

SPARE_CALLS = 1024
"""Probes, and calls and streams that are just being refused. Beyond them gRPC itself refuses, without details."""

PROBES = ("ServerLive", "ServerReady", "ModelReady")
STREAMS = ("ModelStreamInfer",)

INFERENCE, RECOMMEND = "/inference.GRPCInferenceService", "/hotshelf.recommend.v1.RecommendationService"

COMPRESSIONS = {
    "none": grpc.Compression.NoCompression,
    "deflate": grpc.Compression.Deflate,
    "gzip": grpc.Compression.Gzip,
}


@dataclass(frozen=True, slots=True)
class ListenerSettings:
    """Where to listen, and how much to take.

    ``max_calls``: calls that run or wait, ``max_streams``: those that are open; ``max_message_bytes``: the largest
    request or response; ``compression`` is that of answers: none, deflate or gzip. ``max_connection_age`` and its grace
    are in seconds, 0 for connections of any age. ``fast_lane``: whether
    cheap calls are answered on gRPC's own thread. ``shared``: whether other processes listen on the port as well.
    """

    host: str
    port: int
    max_calls: int
    max_streams: int
    max_message_bytes: int
    compression: str
    max_connection_age: float
    max_connection_age_grace: float
    fast_lane: bool
    shared: bool


@dataclass(frozen=True, slots=True)
class Services:
    """What is served."""

    inference: InferenceService
    recommend: RecommendationService
    registry: RegistryService
    health: Health
    at_once: Callable[[str, str, int], bool]
    """Whether a request for a model and version, of so many bytes, may be answered on gRPC's own thread."""
    shortcut: Shortcut
    """The short way of ModelInfer."""


class Listener:
    """Is bound, then started; stops in the order of gRPC's own graceful shutdown."""

    def __init__(
        self, settings: ListenerSettings, services: Services, calls: ThreadPoolExecutor, streams: ThreadPoolExecutor
    ) -> None:
        """``calls`` are handled there, ``streams`` too."""
        probes = ThreadPoolExecutor(PROBE_THREADS, thread_name_prefix="probe")
        reflection = ThreadPoolExecutor(REFLECTION_THREADS, thread_name_prefix="reflection")
        self._pools = [calls, streams, probes, reflection]
        self._server = grpc.server(
            calls,
            options=_options(settings),
            maximum_concurrent_rpcs=settings.max_calls + settings.max_streams + MAX_WATCHERS + SPARE_CALLS,
            compression=COMPRESSIONS[settings.compression],
        )
        _register_calls(self._server, services, probes, streams)
        _register_reflection(self._server, reflection)
        self._lane = _fast_lane(self._server, services, calls, probes) if settings.fast_lane else None
        self._address = f"{settings.host}:{settings.port}"
        self.port = settings.port

    def bind(self) -> None:
        """Take the port; 0 takes a free one. Who connects from now on waits for the start. Raises `PortTaken`."""
        try:
            self.port = self._server.add_insecure_port(self._address)
        except RuntimeError as error:
            raise taken(self._address) from error

    def start(self) -> None:
        """Begin to answer."""
        if self._lane is None:
            self._server.start()
        else:
            self._lane.start()

    def stop(self, grace_seconds: float) -> None:
        """Take no new calls, wait for those that run, cut off what is left after the grace."""
        self._server.stop(grace_seconds).wait()
        for pool in self._pools:
            pool.shutdown(wait=False)


def _fast_lane(
    server: grpc.Server, services: Services, calls: ThreadPoolExecutor, probes: ThreadPoolExecutor
) -> FastLane | None:
    """None, with a warning, where grpcio is not as the lane knows it."""
    ask = services.at_once
    methods = {
        f"{INFERENCE}/ModelInfer": FastMethod(
            lambda one, size: ask(one.model_name, one.model_version, size), calls, services.shortcut
        ),
        f"{RECOMMEND}/Recommend": FastMethod(lambda one, size: ask(one.model, one.version, size), calls),
        **{f"{INFERENCE}/{name}": FastMethod(lambda *_: True, probes) for name in PROBES},
    }
    try:
        prove()
        return FastLane(server, methods)
    except InterfaceChanged as error:
        log.warning("all calls take the slower way: %s; grpcio 1.85 has the fast lane", error)
        return None


def _options(settings: ListenerSettings) -> Sequence[tuple[str, Any]]:
    return (
        # grpcio shares a taken port silently by default.
        ("grpc.so_reuseport", int(settings.shared)),
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", settings.max_message_bytes),
        *_ages(settings),
    )


def _ages(settings: ListenerSettings) -> Sequence[tuple[str, Any]]:
    if not settings.max_connection_age:
        return ()
    return (
        ("grpc.max_connection_age_ms", int(settings.max_connection_age * 1000)),
        ("grpc.max_connection_age_grace_ms", int(settings.max_connection_age_grace * 1000)),
    )


def _register_calls(
    server: grpc.Server, services: Services, probes: ThreadPoolExecutor, streams: ThreadPoolExecutor
) -> None:
    pools = {**dict.fromkeys(PROBES, probes), **dict.fromkeys(STREAMS, streams)}
    inference: Any = Pooled(services.inference, pools)
    recoded: Any = Recoded(server, {"ModelInfer": (wire.read, wire.write)})
    open_inference_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(inference, recoded)
    recommend_pb2_grpc.add_RecommendationServiceServicer_to_server(services.recommend, server)
    registry: Any = Pooled(services.registry, {"WatchModels": streams})
    registry_pb2_grpc.add_RegistryServiceServicer_to_server(registry, server)
    health: Any = Pooled(services.health, {"Check": probes, "Watch": probes}, callbacks=("Watch",))
    health_pb2_grpc.add_HealthServicer_to_server(health, server)


def _register_reflection(server: grpc.Server, pool: ThreadPoolExecutor) -> None:
    schema = Schema(
        module.DESCRIPTOR
        for module in (
            open_inference_pb2,
            recommend_pb2,
            registry_pb2,
            health_pb2,
            reflection_v1,
            reflection_v1alpha,
            status_pb2,
            error_details_pb2,
        )
    )
    for messages, stubs in ((reflection_v1, reflection_v1_grpc), (reflection_v1alpha, reflection_v1alpha_grpc)):
        reflection = Pooled(ReflectionService(schema, messages), {"ServerReflectionInfo": pool})
        stubs.add_ServerReflectionServicer_to_server(reflection, server)
