"""Each replica is asked for itself; who does not answer is named."""

import socket
from typing import Any

import grpc

from hotshelf.registry.v1 import registry_pb2 as pb
from hotshelf_trainer.judge.observe import Fleet, targets
from tests.fakes.hotshelf import Fault, serving

NOBODY = "localhost:1"


def test_counts_come_by_replica_and_silence_by_address() -> None:
    counts = pb.VersionTraffic(
        version=3, ok=5, failed=2, refused=1, latency_counts=[4, 1], score_buckets=[-20_000, 0], score_counts=[2, 3]
    )
    with serving() as one, serving() as other:
        for fake, name in ((one, "a"), (other, "b")):
            fake.answers["GetTrafficRequest"] = [
                pb.GetTrafficResponse(replica_id=name, latency_bounds=[0.1], versions=[counts])
            ]
        other.faults.append(Fault(grpc.StatusCode.NOT_FOUND, "no such model"))
        servers = f"{one.address}, {other.address},{NOBODY}"
        with Fleet(servers, "m", 5.0) as fleet:
            first = fleet.look()
            assert first.silent[f"dns:///{other.address}"] == "NOT_FOUND: no such model"
            assert first.silent[f"dns:///{NOBODY}"].startswith("UNAVAILABLE")
            (found,) = first.replicas["a"].values()
            assert (found.ok, found.failed, found.calls) == (5, 2, 7)
            assert (dict(found.latency), dict(found.scores)) == ({0.1: 4, float("inf"): 1}, {-20_000: 2, 0: 3})
            assert set(fleet.look().replicas) == {"b", ""}  # the fake's default names nobody


def test_a_name_is_resolved_anew_at_each_look() -> None:
    answers = [["10.0.0.1", "10.0.0.2"], ["10.0.0.2", "fd00::1"], ["127.0.0.1"]]

    def lookup(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        if not answers:
            raise socket.gaierror("no such name")
        return [(0, 0, 0, "", (address, port)) for address in answers.pop(0)]

    assert targets("fleet:1", lookup) == {"ipv4:10.0.0.1:1", "ipv4:10.0.0.2:1"}
    assert targets("fleet:1", lookup) == {"ipv4:10.0.0.2:1", "ipv6:[fd00::1]:1"}
    assert targets("fleet:1", lookup) == {"dns:///fleet:1"}
    assert targets("fleet:1", lookup) == {"dns:///fleet:1"}
