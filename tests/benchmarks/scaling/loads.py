"""Calls by several threads, and what they cost who makes and who answers them."""

import resource
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.e2e.server_process import ServerProcess

THREADS = 4

Call = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Spent:
    """Calls, the seconds they took, and CPU seconds of caller and servers."""

    calls: int
    seconds: float
    caller: float
    servers: float


def calling(call: Call, calls: int, servers: Sequence[ServerProcess], threads: int = THREADS) -> Spent:
    """Call so often, each thread one call after the other."""
    known = sum(one.cpu_seconds for one in servers)
    own, start = _own_seconds(), time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(_repeat, call, calls // threads) for _ in range(threads)]:
            done.result()
    seconds = time.perf_counter() - start
    spent = sum(one.cpu_seconds for one in servers) - known
    return Spent(calls // threads * threads, seconds, _own_seconds() - own, spent)


def cheapest(call: Call, calls: int, servers: Sequence[ServerProcess], rounds: int) -> tuple[float, float]:
    """µs of CPU a call, of the caller and of the servers: the least of some rounds, which neighbours disturb least."""
    found = [calling(call, calls, servers) for _ in range(rounds)]
    caller = min(one.caller / one.calls for one in found)
    return 1e6 * caller, 1e6 * min(one.servers / one.calls for one in found)


def _repeat(call: Call, calls: int) -> None:
    for _ in range(calls):
        call()


def _own_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
