"""Sends copies of calls to versions that are tried out: their answers are compared and counted, never returned."""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from hotshelf_server.core.errors import HotshelfError, Overloaded
from hotshelf_server.core.interfaces import Servable
from hotshelf_server.core.recommendation import Recommendations
from hotshelf_server.core.types import Array, Response, Tensors, VersionId
from hotshelf_server.execution.executor import Executor
from hotshelf_server.execution.job import Job, Terms
from hotshelf_server.models.leases import Lease
from hotshelf_server.models.manager import Manager
from hotshelf_server.observability.shadow import ShadowCounts, ShadowOutcome

log = logging.getLogger(__name__)

ALIAS = "shadow"
"""The alias whose versions get the copies."""

MAX_COPIES = 64
"""Copies that wait. What comes beyond is dropped: a copy must never slow the call that it was made of."""

MAX_BYTES = 1 << 20
"""Inputs of a call beyond which no copy is kept."""

LAST = 1_000_000
"""The priority of copies: behind every call."""

RELATIVE = 1e-6
"""Relative difference up to which floating-point outputs count as the same."""

Compute = Callable[[Servable], Any]
"""Asks a servable what the original call asked."""


@dataclass(frozen=True, slots=True)
class _Copy:
    version: VersionId
    compute: Compute
    answer: Any


class Shadow:
    """One thread that works off a short queue of copies."""

    def __init__(self, manager: Manager, executor: Executor, counts: ShadowCounts) -> None:
        self._manager = manager
        self._executor = executor
        self._counts = counts
        self._copies: queue.Queue[_Copy | None] = queue.Queue(MAX_COPIES)
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)

    def start(self) -> None:
        """Begin to work off copies."""
        self._thread.start()

    def follow(
        self, lease: Lease, compute: Compute, answer: Response | Recommendations, inputs: Tensors = MappingProxyType({})
    ) -> None:
        """Have every shadow version of the model asked the same, if the call went where callers go by default.

        ``inputs`` are what a copy keeps in memory. Costs a look at a table where there is no shadow.
        """
        versions = self._manager.table(lease.id.model).routes.get(ALIAS)
        if not versions or not lease.by_default:
            return
        size = sum(array.nbytes for array in inputs.values())
        for number in versions:
            version = VersionId(lease.id.model, number)
            if version == lease.id:
                continue
            if size > MAX_BYTES or not self._took(_Copy(version, compute, answer)):
                self._counts.add(version, ShadowOutcome.DROPPED)

    def close(self) -> None:
        """Work on no more copies than the one in hand."""
        while True:
            try:
                self._copies.get_nowait()
            except queue.Empty:
                break
        self._copies.put(None)
        self._thread.join()

    def _took(self, copy: _Copy) -> bool:
        try:
            self._copies.put_nowait(copy)
        except queue.Full:
            return False
        return True

    def _run(self) -> None:
        while (copy := self._copies.get()) is not None:
            self._counts.add(copy.version, self._outcome(copy))

    def _outcome(self, copy: _Copy) -> ShadowOutcome:
        try:
            with self._manager.lease(copy.version.model, str(copy.version.version)) as lease:
                servable = lease.servable
                terms = Terms(LAST, elsewhere=lease.elsewhere)
                answer = self._executor.run(Job(lease.id, lambda: copy.compute(servable), terms))
        except Overloaded:
            return ShadowOutcome.DROPPED
        except HotshelfError as error:
            log.info("shadow version %s failed: %s", copy.version, error.reason)
            return ShadowOutcome.FAILED
        except Exception:
            log.exception("shadow version %s failed", copy.version)
            return ShadowOutcome.FAILED
        return ShadowOutcome.SAME if same(copy.answer, answer) else ShadowOutcome.DIFFERENT


def same(one: Response | Recommendations, other: Response | Recommendations) -> bool:
    """Whether two answers say the same: equal products in equal order; or equal tensors, up to the last digits."""
    if isinstance(one, Recommendations) and isinstance(other, Recommendations):
        return [item.product for item in one.items] == [item.product for item in other.items]
    if isinstance(one, Response) and isinstance(other, Response):
        return one.outputs.keys() == other.outputs.keys() and all(
            _equal(array, other.outputs[name]) for name, array in one.outputs.items()
        )
    return False


def _equal(one: Array, other: Array) -> bool:
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    if np.issubdtype(one.dtype, np.inexact):
        return bool(np.allclose(one, other, rtol=RELATIVE, equal_nan=True))
    return bool(np.array_equal(one, other))
