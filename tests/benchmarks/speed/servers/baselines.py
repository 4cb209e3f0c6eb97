"""What gRPC for Python gives without a model server: the floor that servers are compared with."""

import os
import sys
from collections.abc import Sequence

import grpc

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from tests.benchmarks.speed.servers.server import Counted, Launch, Place, Server, versions_here

PACKAGE = "tests.benchmarks.speed.servers"


def baselines() -> Sequence[Server]:
    """An echo by grpc.aio, and stock servers with the model's own library."""
    return (
        Server(
            "grpc-aio",
            "bare grpc.aio echo, 1 process",
            ("identity",),
            lambda place: _launch(place, "aio_echo"),
            lambda: versions_here("grpcio", "protobuf"),
        ),
        Server(
            "grpc-stock",
            "stock grpc.server + Booster.predict, 2 processes",
            ("trees",),
            lambda place: _launch(place, "stock_trees", str(place.file)),
            lambda: versions_here("grpcio", "protobuf", "lightgbm"),
        ),
    )


def _launch(place: Place, script: str, *arguments: str) -> Launch:
    command = [sys.executable, "-m", f"{PACKAGE}.{script}", str(place.port), *arguments]
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return Launch(command, environment, lambda: _statistics(place))


def _statistics(place: Place) -> Counted:
    with grpc.insecure_channel(f"127.0.0.1:{place.port}") as channel:
        asked = pb.ModelStatisticsRequest(name=place.model.name)
        (found,) = GRPCInferenceServiceStub(channel).ModelStatistics(asked, timeout=10).model_stats
    return Counted(found.inference_stats.success.count, found.inference_stats.fail.count)
