"""How the client reaches a server: addresses, balancing, retries and message sizes."""

import json

import grpc

MAX_MESSAGE_BYTES = (64 + 1) * 2**20
"""64 MiB of tensors, and 1 MiB for what surrounds them; the server's own limit."""

RETRY_POLICY = {
    "maxAttempts": 4,
    "initialBackoff": "0.1s",
    "maxBackoff": "1s",
    "backoffMultiplier": 2.0,
    "retryableStatusCodes": ["UNAVAILABLE"],
}

# Only what changes nothing may be sent twice: a call that ended in UNAVAILABLE may have been carried out all the same.
REPEATABLE = [
    {"service": "inference.GRPCInferenceService"},
    {"service": "hotshelf.recommend.v1.RecommendationService"},
    *(
        {"service": "hotshelf.registry.v1.RegistryService", "method": method}
        for method in ("ListModels", "ListVersions", "GetVersion", "ListAliasHistory", "GetTraffic")
    ),
    *(
        {"service": "hotshelf.training.v1.TrainingService", "method": method}
        # The client gives what starts something a request id, which makes it safe to send twice.
        for method in ("StartTraining", "GetTraining", "ListTrainings", "CancelTraining")
    ),
]

# A server that is about to stop says so and gets no further calls; one without the health service counts as well.
HEALTH_CHECK = {"healthCheckConfig": {"serviceName": ""}}

SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [{"name": REPEATABLE, "retryPolicy": RETRY_POLICY}],
    # While most calls fail, retries would only add load: they stop until calls succeed again.
    "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1},
}


RECONNECT_MS = 100
"""Milliseconds before the second attempt to connect, well within what retries wait: a worker that ends resets who is
just connecting, and the next attempt meets another one. gRPC's own second is longer than all retries together."""


def open_channel(address: str, *, only_healthy: bool = True) -> grpc.Channel:
    """A channel to `host:port`; calls are spread over every address that the name resolves to.

    ``only_healthy``: send nothing to a server that says it should get no traffic. An address with a scheme
    (``dns:///…``, ``unix:…``, ``ipv4:…``) is taken as gRPC understands it.
    """
    config = SERVICE_CONFIG | HEALTH_CHECK if only_healthy else SERVICE_CONFIG
    return grpc.insecure_channel(
        target(address),
        options=[
            ("grpc.service_config", json.dumps(config)),
            ("grpc.enable_retries", 1),
            ("grpc.initial_reconnect_backoff_ms", RECONNECT_MS),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ],
    )


def target(address: str) -> str:
    """The gRPC target of an address. Raises `ValueError` when it names no port."""
    if "://" in address or address.startswith(("unix:", "dns:", "ipv4:", "ipv6:")):
        return address
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"address of the server: expected host:port, found {address!r}")
    return f"dns:///{address}"
