"""The command that asks a server or trainer for its health, as a container's health check does."""

import argparse
import sys

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from hotshelf_client.channel import target
from hotshelf_client.server_command import FAILED, TRY_LATER, seconds_of, server_argument

SERVING = HealthCheckResponse.SERVING


class Health:
    """``hotshelf health``."""

    help = "ask a server or trainer for its health (grpc.health.v1)"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Whom to ask, and what for."""
        server_argument(parser)
        parser.add_argument(
            "service",
            nargs="?",
            default="",
            help="a model, or hotshelf.Live for whether the process lives (default: whether it takes traffic)",
        )
        parser.add_argument("--timeout", type=seconds_of, default=2.0, metavar="SECONDS", help="default: %(default)s")

    def run(self, args: argparse.Namespace) -> int:
        """0 when it serves, 1 when it doesn't or nobody knows the service, 3 when nobody answers."""
        try:
            with grpc.insecure_channel(target(args.server)) as channel:
                answer = HealthStub(channel).Check(HealthCheckRequest(service=args.service), timeout=args.timeout)
        except grpc.RpcError as error:
            unknown = error.code() is grpc.StatusCode.NOT_FOUND
            print(f"hotshelf: {args.server}: {error.details()}", file=sys.stderr)
            return FAILED if unknown else TRY_LATER
        print(HealthCheckResponse.ServingStatus.Name(answer.status))
        return 0 if answer.status == SERVING else FAILED
