"""Reads what every replica of a fleet counted."""

import ipaddress
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import grpc

from hotshelf.registry.v1 import registry_pb2 as pb
from hotshelf.registry.v1.registry_pb2_grpc import RegistryServiceStub
from hotshelf_trainer.judge.counts import ByVersion, Counts

BEYOND = float("inf")

OPTIONS = (("grpc.max_reconnect_backoff_ms", 5_000),)
"""A replica that was restarted is found again soon."""

Lookup = Callable[..., Iterable[tuple[Any, ...]]]
"""As `socket.getaddrinfo`."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What replicas counted, by their random names; and who did not answer, by address, with the reason."""

    replicas: Mapping[str, ByVersion]
    silent: Mapping[str, str]


class Fleet:
    """Every replica behind some addresses; names are resolved anew at each look. Use it in a ``with`` statement."""

    def __init__(self, servers: str, model: str, seconds: float, lookup: Lookup = socket.getaddrinfo) -> None:
        """``servers``: ``HOST:PORT``, several between commas. A replica has so many seconds to answer."""
        self._servers = servers
        self._request = pb.GetTrafficRequest(model=model)
        self._seconds = seconds
        self._lookup = lookup
        self._channels: dict[str, grpc.Channel] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for channel in self._channels.values():
            channel.close()

    def look(self) -> Seen:
        """Ask all of them at once."""
        self._connect(targets(self._servers, self._lookup))
        calls = {
            target: RegistryServiceStub(channel).GetTraffic.future(self._request, timeout=self._seconds)
            for target, channel in self._channels.items()
        }
        replicas: dict[str, ByVersion] = {}
        silent: dict[str, str] = {}
        for target, call in calls.items():
            try:
                answer = call.result()
            except grpc.RpcError:
                silent[target] = f"{call.code().name}: {call.details()}"
            else:
                replicas[answer.replica_id] = counts_of(answer)
        return Seen(replicas, silent)

    def _connect(self, wanted: set[str]) -> None:
        for target in self._channels.keys() - wanted:
            self._channels.pop(target).close()
        for target in wanted - self._channels.keys():
            self._channels[target] = grpc.insecure_channel(target, options=OPTIONS)


def targets(servers: str, lookup: Lookup) -> set[str]:
    """The gRPC target of each replica; a name that can't be resolved, or leads to this machine, stands for itself.

    Raises `ValueError` for an address without a port.
    """
    return {target for server in servers.split(",") for target in _resolved(server.strip(), lookup)}


def counts_of(answer: pb.GetTrafficResponse) -> ByVersion:
    """One replica's counts."""
    ends = [*answer.latency_bounds, BEYOND]
    return {
        one.version: Counts(
            one.ok,
            one.failed,
            Counter({end: count for end, count in zip(ends, one.latency_counts, strict=False) if count}),
            Counter(dict(zip(one.score_buckets, one.score_counts, strict=False))),
        )
        for one in answer.versions
    }


def _resolved(server: str, lookup: Lookup) -> list[str]:
    host, _, port = server.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"address of the server: expected host:port, found {server!r}")
    try:
        hosts = {str(answer[4][0]) for answer in lookup(host.strip("[]"), int(port), type=socket.SOCK_STREAM)}
    except (OSError, OverflowError):
        return [f"dns:///{server}"]
    if all(ipaddress.ip_address(one.partition("%")[0]).is_loopback for one in hosts):
        return [f"dns:///{server}"]
    return [f"ipv6:[{one}]:{port}" if ":" in one else f"ipv4:{one}:{port}" for one in hosts]
