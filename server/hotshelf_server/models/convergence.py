"""How far this replica is from what the store asks for. A pure function."""

from hotshelf_server.models.routing import Routes
from hotshelf_server.models.source import Wanted

LEAST_SECONDS = 0.001
"""What a clock behind that of the revision's writer is told: more than 0, which would say that all is well."""


def convergence_age(wanted: Wanted, routes: Routes, now: float) -> float:
    """0 while calls go where the newest alias revision says, else the seconds since it was written.

    ``routes`` are those that hold here; ``now`` is in seconds since the epoch.
    """
    return 0.0 if routes == wanted.routes else max(LEAST_SECONDS, now - wanted.written_at)
