"""The parent of several workers: it claims the port, serves the metrics, and runs no gRPC."""

import asyncio
import logging
import signal
from collections.abc import Callable
from pathlib import Path

from hotshelf_server.core.clock import SystemClock
from hotshelf_server.observability.endpoint import MetricsEndpoint
from hotshelf_server.observability.logs import LogLevels
from hotshelf_server.reloading import LOOK_SECONDS, Reloading
from hotshelf_server.settings import Settings, SettingsError
from hotshelf_server.workers.crew import Crew
from hotshelf_server.workers.port import claim
from hotshelf_server.workers.scraping import CrewCollector, Scraping
from hotshelf_server.workers.shares import share_of
from hotshelf_server.workers.supervisor import Supervisor

log = logging.getLogger(__name__)

OURS = ("workers", "host", "port", "metrics_port", "log_format")
"""Settings of the parent, which lives as long as the server."""


def run(settings: Settings, file: Path | None, read: Callable[[], Settings]) -> None:
    """Serve by several workers until a signal, then drain them. SIGHUP replaces them one by one, under the settings
    as they are said then. Raises `PortTaken`, `OSError` for the port of the metrics, `StartRefused`,
    `WorkersKeepDying`."""
    LogLevels(settings.log_level).install(logging.getLogger())
    held = claim(settings.host, settings.port)
    try:
        asyncio.run(_supervise(settings, held.port, file, read))
    finally:
        held.close()


async def _supervise(settings: Settings, port: int, file: Path | None, read: Callable[[], Settings]) -> None:
    loop, clock = asyncio.get_running_loop(), SystemClock()
    crew = Crew(settings.workers)
    scraping = Scraping(crew, map(str, range(settings.workers)), clock)
    metrics = MetricsEndpoint(settings.host.strip("[]"), settings.metrics_port, CrewCollector(scraping, loop), ())
    supervisor = Supervisor(share_of(settings, port), crew, scraping, clock)
    asked, told = asyncio.Event(), asyncio.Event()
    _hear_signals(loop, asked, told)
    try:
        await supervisor.start()
        log.info("listening on port %d, metrics on port %d", port, metrics.port)
        tending = [
            loop.create_task(scraping.look_for_ever()),
            loop.create_task(_Renewal(supervisor, settings, file, read).run(told, port)),
        ]
        stop = loop.create_task(asked.wait())
        await asyncio.wait((stop, supervisor.failed), return_when=asyncio.FIRST_COMPLETED)
        for task in tending:
            task.cancel()
        log.info("draining")
        await supervisor.stop()
        if supervisor.failed.done():
            supervisor.failed.result()
        log.info("stopped")
    finally:
        supervisor.kill()
        await asyncio.to_thread(metrics.close)


def _hear_signals(loop: asyncio.AbstractEventLoop, asked: asyncio.Event, told: asyncio.Event) -> None:
    """A second SIGTERM or SIGINT ends the process at once, as is usual, and its workers with it."""

    def on_stop(number: int) -> None:
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
        asked.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_stop, number)
    loop.add_signal_handler(signal.SIGHUP, told.set)


class _Renewal:
    """Takes over settings of models when their file changes, and replaces the workers when told."""

    def __init__(
        self, supervisor: Supervisor, settings: Settings, file: Path | None, read: Callable[[], Settings]
    ) -> None:
        """``settings``: those of the whole server."""
        self._supervisor = supervisor
        self._settings = settings
        self._file = file
        self._read = read
        self._reloading = Reloading(settings, read, supervisor.state, file)

    async def run(self, told: asyncio.Event, port: int) -> None:
        """For ever."""
        while True:
            try:
                await asyncio.wait_for(told.wait(), LOOK_SECONDS)
            except TimeoutError:
                self._reloading.look()
            else:
                told.clear()
                await self._renew(port)

    async def _renew(self, port: int) -> None:
        try:
            self._settings = _renewed(self._settings, self._read())
        except SettingsError as error:
            log.error("no worker was replaced: %s", error)  # noqa: TRY400 - the message says it all
            return
        log.info("workers are replaced one by one")
        await self._supervisor.roll(share_of(self._settings, port))
        self._reloading = Reloading(self._settings, self._read, self._supervisor.state, self._file)


def _renewed(old: Settings, new: Settings) -> Settings:
    """The new settings, but for those of the parent."""
    fixed = {name: getattr(old, name) for name in OURS}
    changed = [name for name, value in fixed.items() if getattr(new, name) != value]
    if changed:
        log.warning("these settings changed, but hold from the next start on: %s", ", ".join(changed))
    return new.model_copy(update=fixed)
