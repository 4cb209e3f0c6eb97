"""Has the engines of new versions measured in the background, one version after the other."""

import logging
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b

from hotshelf_server.core.engines import Choice
from hotshelf_server.core.interfaces import Choosing, Servable
from hotshelf_server.core.memory import return_unused
from hotshelf_server.core.types import VersionId
from hotshelf_server.runtimes.engines.batches import batches_of
from hotshelf_server.runtimes.engines.kept import Kept, Key
from hotshelf_server.runtimes.engines.measuring import Race, Unloaded
from hotshelf_server.runtimes.engines.rest import Rest
from hotshelf_server.runtimes.engines.stopwatch import Stopwatch
from hotshelf_store import Manifest
from hotshelf_store.golden import Golden

log = logging.getLogger(__name__)

MOST_WAITING = 256
"""Versions; beyond, one keeps its default engine."""

Start = Callable[[Callable[[], None]], None]


@dataclass(frozen=True, slots=True)
class _Task:
    version: VersionId
    servable: "weakref.ReferenceType[Choosing]"
    key: Key
    golden: Golden

    def lend(self) -> Choosing:
        """Raises `Unloaded`."""
        found = self.servable()
        if found is None:
            raise Unloaded
        return found


def on_a_thread(work: Callable[[], None]) -> None:
    """Run it beside everything else; it doesn't keep the process from ending."""
    threading.Thread(target=work, name="engines", daemon=True).start()


class Measurer:
    """Thread-safe. Servables are held by nothing here: one that is unloaded is not measured, or no further."""

    def __init__(
        self,
        kept: Kept,
        machine: Key,
        *,
        pauses: Callable[[], Callable[[], None]] = Rest,
        timer: Callable[[], float] = time.perf_counter,
        start: Start = on_a_thread,
    ) -> None:
        """``pauses`` makes, for each version, what waits for a good moment; ``start`` runs what works off the queue."""
        self._kept = kept
        self._machine = machine
        self._pauses = pauses
        self._timer = timer
        self._start = start
        self._lock = threading.Lock()
        self._waiting: deque[_Task] = deque()
        self._working = False
        self._served: weakref.WeakValueDictionary[VersionId, Choosing] = weakref.WeakValueDictionary()

    def __call__(self, version: VersionId, servable: Servable, manifest: Manifest, golden: Golden | None) -> None:
        """Let a servable that has proved itself compute by the best choice: the one that is kept for such a bundle,
        or that is measured soon."""
        if not isinstance(servable, Choosing):
            return
        self._served[version] = servable
        if golden is None or servable.choice.how == "configured" or len(servable.candidates) == 1:
            return
        key = {**self._machine, "bundle": _digest(manifest), "tolerance": str(servable.tolerance)}
        known = self._kept.find(key)
        if known is not None:
            if _can_compute(servable, known):
                self._settle(version, servable, replace(known, how="remembered"))
                return
            servable.settle(servable.choice)  # which gives up what was made ready
        self._wait(_Task(version, weakref.ref(servable), key, golden))

    def choice(self, version: VersionId) -> Choice | None:
        """How a version computes now; None where it has no engines to choose from, or isn't loaded."""
        servable = self._served.get(version)
        return None if servable is None else servable.choice

    def _wait(self, task: _Task) -> None:
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                return
            self._waiting.append(task)
            if self._working:
                return
            self._working = True
        self._start(self._work)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._working = False
                    return
                task = self._waiting.popleft()
            try:
                self._measure(task)
            except Unloaded:
                pass
            except Exception as error:  # noqa: BLE001 - it serves on as it did, and others are still to be measured
                log.warning("the engines of version %s can't be measured: %s", task.version, error)

    def _measure(self, task: _Task) -> None:
        batches = batches_of(task.lend(), task.golden)
        if batches is None:
            return
        try:
            choice = Race(task.lend, batches, Stopwatch(self._pauses(), self._timer)).run()
        except Unloaded:
            raise
        except Exception:
            servable = task.lend()
            servable.settle(servable.choice)  # which gives up what was made to be measured
            raise
        self._kept.keep(task.key, choice)
        self._settle(task.version, task.lend(), choice)
        return_unused()

    def _settle(self, version: VersionId, servable: Choosing, choice: Choice) -> None:
        servable.settle(choice)
        log.info("version %s computes by %s", version, choice.in_words())


def _can_compute(servable: Choosing, choice: Choice) -> bool:
    """Whether the engines of a choice are there, and are made ready for it."""
    if not set(choice.engines) <= set(servable.candidates):
        return False
    try:
        for name in set(choice.engines):
            servable.make_ready(name)
    except Exception as error:  # noqa: BLE001 - whatever it is, the version loads, and serves on its default engine
        log.warning("a choice of engines that was kept is not used: %s", error)
        return False
    return True


def _digest(manifest: Manifest) -> str:
    return blake2b(manifest.SerializeToString(deterministic=True), digest_size=16).hexdigest()
