"""The server's end of a worker process: one call at a time, each with a time limit that ends in a kill."""

import logging
import multiprocessing
import threading
import time
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from hotshelf_server.core.errors import BadBundle, ModelFault, Overloaded
from hotshelf_server.core.types import Parameters, Response, Tensors
from hotshelf_server.runtimes.policy import RuntimePolicy
from hotshelf_server.runtimes.python.wire import Message, pack, unpack
from hotshelf_server.runtimes.python.worker import run

log = logging.getLogger(__name__)

MAX_WAITING = 4
"""Calls that wait for a worker. Each holds a thread that other models could use."""

MAX_RESPONSES = 16
"""Responses that one call may give."""


class WorkerHost:
    """Starts the worker, restarts it after a kill or crash, and speaks with it."""

    def __init__(self, entrypoint: str, folder: Path, policy: RuntimePolicy) -> None:
        """Start the worker and wait until it has loaded. Raises `BadBundle`."""
        self._entrypoint = entrypoint
        self._folder = folder
        self._policy = policy
        self._turn = threading.Lock()
        self._places = threading.BoundedSemaphore(1 + MAX_WAITING)
        self._worker: BaseProcess | None = None
        self._connection: Connection | None = None
        self._calls = 0
        self._start()

    def call(self, inputs: Tensors, parameters: Parameters) -> tuple[list[Response], bool]:
        """Every response to one call, and whether the class gave an iterator.

        Raises `ModelFault` when the class raises, dies or takes too long, `Overloaded` when too many calls wait for it.
        """
        if not self._places.acquire(blocking=False):
            raise Overloaded(f"{MAX_WAITING} calls wait for {self._entrypoint} already", retry_after=0.5)
        try:
            if not self._turn.acquire(timeout=self._policy.call_seconds):
                raise Overloaded(f"{self._entrypoint} stayed busy for {self._policy.call_seconds:g} s", retry_after=1.0)
            try:
                return self._exchange(inputs, parameters)
            finally:
                self._turn.release()
        finally:
            self._places.release()

    def close(self) -> None:
        """End the worker."""
        with self._turn:
            self._kill()

    def _exchange(self, inputs: Tensors, parameters: Parameters) -> tuple[list[Response], bool]:
        connection = self._connection or self._start()
        self._calls += 1
        try:
            connection.send_bytes(pack(Message("call", self._calls, inputs, parameters)))
            responses, last = self._messages(connection, self._policy.call_seconds)
        except TimeoutError:
            self._kill()
            raise ModelFault(
                f"{self._entrypoint} took longer than {self._policy.call_seconds:g} s and was killed"
            ) from None
        except (EOFError, OSError) as error:
            code = self._kill()
            raise ModelFault(f"{self._entrypoint} died in the middle of a call (exit code {code})") from error
        except BaseException as error:
            # Whatever is left in the pipe would be taken for the answer to the next call.
            self._kill()
            raise ModelFault(f"{self._entrypoint} gave what nobody can read: {error}") from error
        if last.kind == "fault":
            log.warning("%s raised:\n%s", self._entrypoint, last.parameters["trace"])
            raise ModelFault(f"{self._entrypoint} raised {last.text}")
        return [Response(one.tensors, one.parameters) for one in responses], last.several

    def _messages(self, connection: Connection, seconds: float) -> tuple[list[Message], Message]:
        """The responses that the worker sends, and what it ends them with."""
        deadline = time.monotonic() + seconds
        responses: list[Message] = []
        while len(responses) <= MAX_RESPONSES:
            if not connection.poll(max(0.0, deadline - time.monotonic())):
                raise TimeoutError
            message = unpack(connection.recv_bytes())
            if message.kind != "response":
                return responses, message
            responses.append(message)
        raise ValueError(f"more than {MAX_RESPONSES} responses to one call")

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        connection, theirs = context.Pipe()
        self._connection = connection
        self._worker = context.Process(target=run, args=(theirs, self._entrypoint, self._folder), daemon=True)
        self._worker.start()
        theirs.close()
        try:
            _, first = self._messages(connection, self._policy.load_seconds)
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
