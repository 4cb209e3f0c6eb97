"""Which thread waits for what callers send. To be chosen before gRPC is imported, since it looks once."""

from collections.abc import MutableMapping

SWITCHES = "GRPC_EXPERIMENTS"
OWN_THREAD = "-event_engine_listener"
"""gRPC's older way of listening: who polls the completion queue reads the sockets, too. In the newer one other threads
read, and each message wakes the server's thread on another core, which costs as much CPU as the call itself."""


def read_on_the_server_thread(environment: MutableMapping[str, str]) -> None:
    """Let the thread that answers calls read them. Whoever has set gRPC's switches has chosen for themselves.

    A gRPC that doesn't know the switch any more says so in its log, and reads as it likes.
    """
    environment.setdefault(SWITCHES, OWN_THREAD)
