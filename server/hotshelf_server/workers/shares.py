"""What is one worker's share of what was set for the server."""

from hotshelf_server.settings import Settings

CONNECTION_AGE = 120.0
"""Seconds after which a connection to one of several workers is renewed where nothing else is said. Who connects anew
meets any of them, so the ages even out who has how many; and a worker that leaves loses no call of its connections."""


def share_of(settings: Settings, port: int) -> Settings:
    """The settings of each worker. Bounds are divided, rounded up; memory is rounded down."""
    count = settings.workers
    memory = settings.max_loaded_bytes
    return settings.model_copy(
        update={
            "port": port,
            "max_calls": -(-settings.max_calls // count),
            "max_streams": -(-settings.max_streams // count),
            "max_loaded_bytes": None if memory is None else max(1, memory // count),
            "max_connection_age": settings.max_connection_age or CONNECTION_AGE,
        }
    )
