"""A worker's side of what it says and hears."""

import itertools
import logging
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from typing import Any

from hotshelf_server.core.answers import Answers, from_plain
from hotshelf_server.core.errors import DeadlineExceeded
from hotshelf_server.workers.channel import Channel, Message

log = logging.getLogger(__name__)

Deed = Callable[[str], Callable[[], str]]
"""Something that a worker is told to do. It begins at once, in the order in which all workers are told, and must not
wait; what it returns is called on another thread, may wait, and gives the answer. Both may raise."""

DEED_THREADS = 32
"""Deeds that wait at once."""

LONGEST_SECONDS = 900.0
"""Above what any deed takes that was given no limit."""

MARGIN_SECONDS = 1.0
"""What others have to say that time is up."""

Hear = Callable[[Message], None]


class Link:
    """Hears the parent on a thread of its own, does what it is told, and has others do things."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._numbers = itertools.count()
        self._asked: dict[int, Future[Answers]] = {}
        self._deeds: dict[str, Deed] = {}
        self._hears: dict[str, Hear] = {}
        self._pool = ThreadPoolExecutor(DEED_THREADS, thread_name_prefix="deed")

    def does(self, deeds: Mapping[str, Deed]) -> None:
        """Add deeds by name. To be called before `start`, as `hears`."""
        self._deeds.update(deeds)

    def hears(self, kind: str, hear: Hear) -> None:
        """Have messages of a kind heard on the thread that all messages come by: it must not wait."""
        self._hears[kind] = hear

    def begin(self, deed: str, request: str) -> Callable[[], str]:
        """Begin a deed of this worker. Raises what the deed raises."""
        return self._deeds[deed](request)

    def start(self) -> None:
        """Begin to hear."""
        threading.Thread(target=self._run, name="link", daemon=True).start()

    def tell(self, kind: str, **fields: Any) -> None:
        """Say something to the parent."""
        self._channel.send(kind, **fields)

    def ask(self, deed: str, request: str, seconds: float | None) -> Answers:
        """Have all workers do something, and wait until they have. Raises `DeadlineExceeded`."""
        number = next(self._numbers)
        future = self._asked[number] = Future()
        try:
            self._channel.send("ask", id=number, deed=deed, request=request, seconds=seconds)
            return future.result(LONGEST_SECONDS if seconds is None else seconds + MARGIN_SECONDS)
        except Late as error:
            raise DeadlineExceeded(f"not all workers answered within {seconds:g} s") from error
        finally:
            del self._asked[number]

    def _run(self) -> None:
        while (message := self._channel.receive()) is not None:
            try:
                self._hear(message)
            except Exception:
                log.exception("what the parent said was not understood: %s", message.get("kind"))
        os._exit(1)  # nobody is left to answer for this process

    def _hear(self, message: Message) -> None:
        kind = message["kind"]
        if kind == "do":
            self._do(message["id"], message["deed"], message["request"])
        elif kind == "answers":
            future = self._asked.get(message["id"])
            if future is not None:
                future.set_result(from_plain(message))
        else:
            self._hears[kind](message)

    def _do(self, number: int, deed: str, request: str) -> None:
        try:
            finish = self.begin(deed, request)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            self._fail(number, error)
        else:
            self._pool.submit(self._finish, number, finish)

    def _finish(self, number: int, finish: Callable[[], str]) -> None:
        try:
            answer = finish()
        except Exception as error:  # noqa: BLE001 - as above
            self._fail(number, error)
        else:
            self._channel.send("done", id=number, said=answer)

    def _fail(self, number: int, error: Exception) -> None:
        self._channel.send("failed", id=number, error=type(error).__name__, message=str(error))
