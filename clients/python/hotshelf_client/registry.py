"""Messages of the registry as answers."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from hotshelf.bundle.v1 import manifest_pb2
from hotshelf.registry.v1 import alias_pb2, registry_pb2
from hotshelf_client.answers import Metric, Model, Routing, Traffic, Version, VersionStatus, VersionTraffic


def time_of(message: Message, field: str) -> datetime | None:
    """The moment in a field (UTC); None where it is absent."""
    if not message.HasField(field):
        return None
    stamp: Timestamp = getattr(message, field)
    return stamp.ToDatetime(tzinfo=UTC)


def word(message: Message, field: str, prefix: str) -> str:
    """An enum's value as a lower-case word; its number when this client is older than the value."""
    number = getattr(message, field)
    value = message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number.get(number)  # type: ignore[union-attr]
    return value.name.removeprefix(prefix).lower() if value else str(number)


def routes(message: Mapping[str, alias_pb2.Route]) -> dict[str, dict[int, int]]:
    """Shares by version by alias, both sorted."""
    return {alias: dict(sorted(route.weights.items())) for alias, route in sorted(message.items())}


def routing(message: alias_pb2.AliasRevision) -> Routing:
    """One entry of the alias log."""
    return Routing(
        revision=message.revision,
        aliases=routes(message.routes),
        changed_at=time_of(message, "changed_at"),
        change=word(message, "change", "CHANGE_"),
        author=message.author,
        reason=message.reason,
        forced=message.forced,
    )


def status(message: registry_pb2.VersionStatus) -> VersionStatus:
    """The state of one version."""
    return VersionStatus(
        version=message.version,
        state=word(message, "state", "VERSION_STATE_"),
        reason=message.reason,
        since=time_of(message, "since"),
        failures=message.failures,
    )


def model(message: registry_pb2.Model, replica: str) -> Model:
    """One model, as a replica told of it."""
    return Model(
        name=message.name,
        routing=routing(message.aliases) if message.HasField("aliases") else None,
        versions=tuple(map(status, message.versions)),
        routes=routes(message.routes),
        replica=replica,
    )


def traffic(message: registry_pb2.GetTrafficResponse) -> Traffic:
    """One replica's counts."""
    ends = [*message.latency_bounds, math.inf]
    return Traffic(
        replica=message.replica_id,
        versions=tuple(
            VersionTraffic(
                version=one.version,
                ok=one.ok,
                failed=one.failed,
                refused=one.refused,
                latency=dict(zip(ends, one.latency_counts, strict=False)),
                scores=dict(zip(one.score_buckets, one.score_counts, strict=False)),
            )
            for one in message.versions
        ),
    )


def metric(message: manifest_pb2.Metric) -> Metric:
    """One figure."""
    return Metric(
        name=message.name,
        scope=message.scope,
        subject=message.subject,
        value=message.value,
        low=message.low if message.HasField("low") else None,
        high=message.high if message.HasField("high") else None,
    )


def version(message: registry_pb2.Version) -> Version:
    """One version."""
    manifest = message.manifest
    return Version(
        version=manifest.version,
        created_at=time_of(manifest, "created_at"),
        runtime=manifest.runtime,
        author=manifest.author,
        description=manifest.description,
        passed=manifest.verdict.passed if manifest.HasField("verdict") else None,
        metrics=tuple(map(metric, manifest.metrics)),
        aliases=tuple(message.aliases),
        status=status(message.status),
    )
