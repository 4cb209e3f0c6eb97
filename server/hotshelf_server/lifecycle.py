"""Start, wait, stop. The stop order is the function `stop`, to be read as a list."""

import gc
import logging
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Protocol

from hotshelf_server.core.model_settings import ModelBook
from hotshelf_server.dataplane.shadow import Shadow
from hotshelf_server.execution.admission import Admission
from hotshelf_server.execution.pool import CallPool
from hotshelf_server.models.manager import Manager
from hotshelf_server.models.warm_process import WarmProcess
from hotshelf_server.observability.logs import LogLevels
from hotshelf_server.readiness import Readiness
from hotshelf_server.reloading import Reloading
from hotshelf_server.sampling import Sampling
from hotshelf_server.services.health import Health
from hotshelf_server.services.watch import ModelWatch
from hotshelf_server.transport.listener import Listener

if TYPE_CHECKING:
    from hotshelf_server.observability.spans import Spans

log = logging.getLogger(__name__)

REFUSE_SECONDS = 0.3
"""Time for clients that still call to hear that they are refused here, and to go elsewhere."""

FLUSH_SECONDS = 0.2
"""Time for the last answers to leave the sockets: gRPC reports a call as ended before its bytes are out."""


STREAM_SECONDS = 1.0
"""Time for clients to close the streams that are still open once every call has its answer."""


class Metrics(Protocol):
    """Where the metrics are had."""

    @property
    def port(self) -> int:
        """The port of /metrics; 0 where another process answers there."""
        ...

    def close(self) -> None:
        """The end, after everything else."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The parts that start and stop, and how long a stop may take (seconds)."""

    manager: Manager
    trials: WarmProcess
    readiness: Readiness
    sampling: Sampling
    pool: CallPool
    admission: Admission
    shadow: Shadow
    book: ModelBook
    levels: LogLevels
    health: Health
    watch: ModelWatch
    listener: Listener
    metrics: Metrics
    spans: "Sequence[Spans]"
    drain_delay: float
    drain_seconds: float


def start(server: Server) -> None:
    """Listen at once, so that probes are answered while the first versions load."""
    begin(server)
    listen(server)
    log.info("listening on port %d, metrics on port %d", server.listener.port, server.metrics.port)


def begin(server: Server) -> None:
    """Load what is wanted."""
    server.health.start()
    server.shadow.start()
    server.manager.start()


def listen(server: Server) -> None:
    """Answer on the port, which was bound."""
    server.listener.start()
    # What is here by now stays. A full collection would look at all of it each time, some 10 ms that calls wait for.
    gc.collect()
    gc.freeze()


def wait_for_signal(reloading: Reloading) -> None:
    """Until SIGTERM or SIGINT. A second one ends the process at once, as is usual.

    SIGHUP has the settings read anew.
    """
    asked = threading.Event()
    told = threading.Event()

    def on_stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the interface of signal handlers
        signal.signal(number, signal.SIG_DFL)
        asked.set()
        told.set()

    def on_hangup(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as above
        told.set()

    signal.signal(signal.SIGHUP, on_hangup)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_stop)
    reloading.watch(asked, told)


def stop(server: Server) -> None:
    """Lose no call.

    gRPC's own shutdown cancels the calls that have arrived but were not yet handed to us, and a cancelled call is one
    that no client repeats. So new calls are first refused as UNAVAILABLE, which clients do repeat elsewhere, and the
    port is closed once they have had time to hear of it.
    """
    log.info("draining")
    server.readiness.drain()  # not ready: health watchers hear of it at once
    time.sleep(server.drain_delay)  # endpoints notice; calls are still taken
    end = time.monotonic() + server.drain_seconds
    # stop accepting, behind every call that waits already
    server.pool.after_queued(server.admission.close, _left(end))
    server.watch.close()  # who watches goes elsewhere
    server.admission.wait_until_idle(_left(end))  # finish what runs
    time.sleep(REFUSE_SECONDS)
    server.listener.stop(min(_left(end), STREAM_SECONDS))  # what is left are streams in which nobody asks
    time.sleep(FLUSH_SECONDS)
    server.shadow.close()
    server.health.stop()
    server.manager.stop()  # unload
    server.trials.close()  # loads that still run end here
    for spans in server.spans:
        spans.close()  # the last calls' are sent
    server.metrics.close()  # metrics last
    log.info("stopped")


def _left(end: float) -> float:
    return max(0.0, end - time.monotonic())
