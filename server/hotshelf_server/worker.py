"""One of several workers: ``python -m hotshelf_server.worker SOCKET TRIALS``, run by `workers.process`."""

import logging
import os
import queue
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hotshelf_server import lifecycle
from hotshelf_server.app import build, interpreter
from hotshelf_server.core.ports import PortTaken
from hotshelf_server.core.processes import die_with_parent
from hotshelf_server.observability.log_format import FIELDS, Form, formatter
from hotshelf_server.settings import Settings, SettingsError
from hotshelf_server.workers.channel import Channel
from hotshelf_server.workers.link import Link
from hotshelf_server.workers.seat import Seat
from hotshelf_server.workers.sockets import connections, stop_listening
from hotshelf_store import StoreError

log = logging.getLogger(__name__)

EXIT_REFUSED = 2

AGE_SPREAD = 1.2
"""gRPC renews connections up to a tenth earlier or later than they are said to; and some time passes until they end."""

LOOK_SECONDS = 0.1


class Named(logging.Filter):
    """Adds the worker's name to the fields of every message."""

    def __init__(self, worker: str) -> None:
        super().__init__()
        self._worker = worker

    def filter(self, record: logging.LogRecord) -> bool:
        """All pass."""
        setattr(record, FIELDS, {"worker": self._worker, **getattr(record, FIELDS, {})})
        return True


class Orders:
    """What the parent has said that the main thread is to do, in turn."""

    def __init__(self, link: Link) -> None:
        self.hurry = threading.Event()
        """Set once the whole server stops."""
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        for kind in ("listen", "leave"):
            link.hears(kind, lambda message: self._waiting.put(message["kind"]))
        link.hears("drain", lambda _: self._drain())

    def next(self) -> str:
        """Wait for the next: listen, leave or drain."""
        return self._waiting.get()

    def _drain(self) -> None:
        self.hurry.set()
        self._waiting.put("drain")


def main(control: socket.socket, trials: socket.socket) -> int:
    """Serve until the parent says otherwise. Signals are for the parent: it says what becomes of all workers."""
    die_with_parent()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # Not SIG_IGN, which processes that are started from here would inherit.
        signal.signal(number, lambda *_: None)
    channel = Channel(control)
    start = channel.receive()
    if start is None:
        return 1
    settings = Settings.model_validate(start["settings"])
    _log_as(start["worker"], settings.log_format)
    link = Link(channel)
    journal = [(deed, request) for deed, request in start["journal"]]
    seat = Seat(start["worker"], start["replica_id"], link, journal, trials)
    with interpreter(settings):
        try:
            server = build(settings, seat)
            _serve(server, seat, settings, start)
        except (SettingsError, StoreError, PortTaken) as error:
            link.tell("refused", message=str(error))
            return EXIT_REFUSED
    return 0


def _serve(server: lifecycle.Server, seat: Seat, settings: Settings, start: Mapping[str, Any]) -> None:
    server.levels.install(logging.getLogger())
    orders = Orders(seat.link)
    seat.catch_up()
    seat.link.start()
    lifecycle.begin(server)
    if start["at_once"]:
        _listen(server, seat)
    while (order := orders.next()) == "listen":
        _listen(server, seat)
    if order == "leave":
        _leave(settings, orders.hurry)
        server = replace(server, drain_delay=0.0)
    lifecycle.stop(server)


def _listen(server: lifecycle.Server, seat: Seat) -> None:
    server.listener.bind()
    lifecycle.listen(server)
    seat.link.tell("listening")


def _leave(settings: Settings, hurry: threading.Event) -> None:
    """Have new connections go to other workers, and wait until the old ones have been renewed, which loses no call."""
    log.info("leaving: connections are renewed within %g s", settings.max_connection_age)
    stop_listening(settings.port)
    end = time.monotonic() + settings.max_connection_age * AGE_SPREAD
    while connections(settings.port) and time.monotonic() < end and not hurry.wait(LOOK_SECONDS):
        pass


def _log_as(worker: str, form: Form) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(form))
    handler.addFilter(Named(worker))
    logging.basicConfig(handlers=[handler])


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as ours, socket.socket(fileno=int(sys.argv[2])) as shared:
        code = main(ours, shared)
        logging.shutdown()
        os._exit(code)
