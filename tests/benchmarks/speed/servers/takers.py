"""Who takes part."""

from collections.abc import Sequence

from tests.benchmarks.speed.servers.baselines import baselines
from tests.benchmarks.speed.servers.bento import bento
from tests.benchmarks.speed.servers.kserve import kserve
from tests.benchmarks.speed.servers.mlserver import mlserver
from tests.benchmarks.speed.servers.ours import ours
from tests.benchmarks.speed.servers.server import Server
from tests.benchmarks.speed.servers.triton import triton
from tests.benchmarks.speed.servers.venvs import Venvs

WORKERS = 2


def own() -> Sequence[Server]:
    """Ours, and what is made of the same libraries."""
    return (ours(1), ours(WORKERS), *baselines())


def peers(venvs: Venvs) -> Sequence[Server]:
    """Those with libraries of their own."""
    return (triton(venvs), mlserver(venvs), kserve(venvs), bento(venvs))


def named(names: Sequence[str], venvs: Venvs) -> Sequence[Server]:
    """In the order in which they take turns; all for no names. Raises `ValueError` for an unknown one."""
    known = {server.name: server for server in (*own(), *peers(venvs))}
    if unknown := set(names) - set(known):
        raise ValueError(f"--servers {', '.join(sorted(unknown))}: expected some of {', '.join(known)}")
    return [server for name, server in known.items() if not names or name in names]
