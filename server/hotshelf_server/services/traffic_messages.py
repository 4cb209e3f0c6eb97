"""Counts of traffic as messages."""

from collections.abc import Mapping

from hotshelf.registry.v1 import registry_pb2 as pb
from hotshelf_server.observability.traffic import LATENCY_BOUNDS, VersionTraffic


def traffic_message(replica: str, versions: Mapping[int, VersionTraffic]) -> pb.GetTrafficResponse:
    """One replica's counts of one model."""
    return pb.GetTrafficResponse(
        replica_id=replica,
        latency_bounds=LATENCY_BOUNDS,
        versions=[_version(number, traffic) for number, traffic in versions.items()],
    )


def _version(number: int, traffic: VersionTraffic) -> pb.VersionTraffic:
    scores = traffic.scores.buckets
    return pb.VersionTraffic(
        version=number,
        ok=traffic.ok,
        failed=traffic.failed,
        refused=traffic.refused,
        latency_counts=traffic.latency,
        score_buckets=scores.keys(),
        score_counts=scores.values(),
    )
