"""The server's end of a worker process: one call at a time, each with a time limit that ends in a kill."""

import logging
import multiprocessing
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from hotshelf_server.core.errors import BadBundle, ModelFault, Overloaded, Refusal
from hotshelf_server.core.types import Answer, Parameters, Response, Tensors
from hotshelf_server.runtimes.policy import RuntimePolicy
from hotshelf_server.runtimes.python.responses import WorkerResponses
from hotshelf_server.runtimes.python.wire import Message, pack, unpack
from hotshelf_server.runtimes.python.worker import run

log = logging.getLogger(__name__)

STOP_SECONDS = 1.0
"""Time for a class to notice that nobody wants more of its responses."""


class WorkerHost:
    """Starts the worker, restarts it after a kill or crash, and speaks with it."""

    def __init__(self, entrypoint: str, folder: Path, policy: RuntimePolicy) -> None:
        """Start the worker and wait until it has loaded. Raises `BadBundle`."""
        self._entrypoint = entrypoint
        self._folder = folder
        self._policy = policy
        self._turn = threading.Lock()
        self._worker: BaseProcess | None = None
        self._connection: Connection | None = None
        self._calls = 0
        self._start()

    @property
    def process(self) -> int | None:
        """The worker's process id; None while there is no worker."""
        return self._worker.pid if self._worker is not None else None

    def call(self, inputs: Tensors, parameters: Parameters, held: Callable[[Response], Response]) -> Answer:
        """The response to one call; or, of a class that gave an iterator, its responses as they come.

        Each goes through ``held``, which may refuse it. Until the last response was taken, or no more are wanted, the
        worker is not free. Raises `ModelFault` when the class raises, dies or takes too long, `Overloaded` when it is
        not free for too long.
        """
        if not self._turn.acquire(timeout=self._policy.call_seconds):
            raise Overloaded(
                f"{self._entrypoint} stayed busy for {self._policy.call_seconds:g} s",
                retry_after=1.0,
                refusal=Refusal.MODEL_BUSY,
            )
        try:
            self._calls += 1
            self._bury()
            self._tell(Message("call", self._calls, inputs, parameters))
            first = self._hear()
            if first.kind == "end" or first.several:
                answer = WorkerResponses(first, held, self._hear, self._stop, self._turn.release)
            else:
                self._hear()  # its end
                answer = None
        except BaseException:
            self._turn.release()
            raise
        if answer is not None:
            return answer
        self._turn.release()
        return held(Response(first.tensors, first.parameters))

    def close(self) -> None:
        """End the worker."""
        with self._turn:
            self._kill()

    def _bury(self) -> None:
        """Let a worker that died between two calls be replaced: this call is not to blame for it."""
        if self._worker is not None and not self._worker.is_alive():
            log.warning("%s died between two calls (exit code %s) and is started anew", self._entrypoint, self._kill())

    def _tell(self, message: Message) -> None:
        connection = self._connection or self._start()
        try:
            connection.send_bytes(pack(message))
        except OSError as error:
            raise self._dead() from error

    def _hear(self) -> Message:
        """What the worker says next. Raises `ModelFault`, after which there is no worker, or none with a call."""
        connection = self._connection
        if connection is None:
            raise self._dead()
        try:
            message = self._receive(connection, self._policy.call_seconds)
        except TimeoutError:
            self._kill()
            raise ModelFault(
                f"{self._entrypoint} took longer than {self._policy.call_seconds:g} s and was killed"
            ) from None
        except (EOFError, OSError) as error:
            raise self._dead() from error
        except BaseException as error:
            # Whatever is left in the pipe would be taken for the answer to the next call.
            self._kill()
            raise ModelFault(f"{self._entrypoint} gave what nobody can read: {error}") from error
        if message.kind == "fault":
            log.warning("%s raised:\n%s", self._entrypoint, message.parameters["trace"])
            if message.parameters.get("fatal"):
                self._kill()
            raise ModelFault(f"{self._entrypoint} raised {message.text}")
        return message

    def _stop(self) -> None:
        """Have the worker end a call of which nobody wants more; one that doesn't is killed."""
        connection = self._connection
        if connection is None:
            return
        try:
            connection.send_bytes(pack(Message("stop", self._calls)))
            while self._receive(connection, STOP_SECONDS).kind == "response":
                pass
        except (OSError, EOFError, ValueError, KeyError, TypeError):  # a timeout is an OSError
            self._kill()

    def _dead(self) -> ModelFault:
        code = self._kill()
        return ModelFault(f"{self._entrypoint} died in the middle of a call (exit code {code})")

    def _receive(self, connection: Connection, seconds: float) -> Message:
        if not connection.poll(seconds):
            raise TimeoutError
        return unpack(connection.recv_bytes())

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        connection, theirs = context.Pipe()
        self._connection = connection
        self._worker = context.Process(
            target=run, args=(theirs, self._entrypoint, self._folder, self._policy.worker_memory_bytes), daemon=True
        )
        self._worker.start()
        theirs.close()
        try:
            first = self._receive(connection, self._policy.load_seconds)
        except TimeoutError:
            self._kill()
            raise BadBundle(
                f"{self._entrypoint} took longer than {self._policy.load_seconds:g} s to load and was killed"
            ) from None
        except (EOFError, OSError) as error:
            code = self._kill()
            raise BadBundle(f"{self._entrypoint} died while it loaded (exit code {code})") from error
        if first.kind == "fault":
            self._kill()
            raise BadBundle(f"{self._entrypoint} can't be loaded: {first.text}")
        return connection

    def _kill(self) -> int | None:
        """End the worker and return its exit code."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._worker is None:
            return None
        self._worker.join(timeout=0.2)
        self._worker.kill()
        self._worker.join()
        code = self._worker.exitcode
        self._worker.close()
        self._worker = None
        return code
