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
from hotshelf_server.runtimes.python.worker import Call, End, Fault, run

log = logging.getLogger(__name__)


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
        self._start()

    def call(self, inputs: Tensors, parameters: Parameters) -> tuple[list[Response], bool]:
        """Every response to one call, and whether the class gave an iterator.

        Raises `ModelFault` when the class raises, dies or takes too long, `Overloaded` when the worker stays busy.
        """
        if not self._turn.acquire(timeout=self._policy.call_seconds):
            raise Overloaded(f"{self._entrypoint} stayed busy for {self._policy.call_seconds:g} s", retry_after=1.0)
        try:
            if self._connection is None:
                self._start()
            return self._exchange(Call(inputs, parameters))
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the worker."""
        with self._turn:
            self._kill()

    def _exchange(self, call: Call) -> tuple[list[Response], bool]:
        assert self._connection is not None  # noqa: S101 - for the type checker: call() has started it
        try:
            self._connection.send(call)
            responses, last = self._messages(self._connection, self._policy.call_seconds)
        except TimeoutError:
            self._kill()
            raise ModelFault(
                f"{self._entrypoint} took longer than {self._policy.call_seconds:g} s and was killed"
            ) from None
        except (EOFError, OSError) as error:
            code = self._kill()
            raise ModelFault(f"{self._entrypoint} died in the middle of a call (exit code {code})") from error
        if isinstance(last, Fault):
            log.warning("%s raised:\n%s", self._entrypoint, last.trace)
            raise ModelFault(f"{self._entrypoint} raised {last.message}")
        return responses, last.several

    def _messages(self, connection: Connection, seconds: float) -> tuple[list[Response], Fault | End]:
        """The responses that the worker sends, and what it ends them with."""
        deadline = time.monotonic() + seconds
        responses: list[Response] = []
        while True:
            if not connection.poll(max(0.0, deadline - time.monotonic())):
                raise TimeoutError
            message: Response | Fault | End = connection.recv()
            if not isinstance(message, Response):
                return responses, message
            responses.append(message)

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._worker = context.Process(target=run, args=(theirs, self._entrypoint, self._folder), daemon=True)
        self._worker.start()
        theirs.close()
        try:
            _, first = self._messages(self._connection, self._policy.load_seconds)
        except TimeoutError:
            self._kill()
            raise BadBundle(
                f"{self._entrypoint} took longer than {self._policy.load_seconds:g} s to load and was killed"
            ) from None
        except (EOFError, OSError) as error:
            code = self._kill()
            raise BadBundle(f"{self._entrypoint} died while it loaded (exit code {code})") from error
        if isinstance(first, Fault):
            self._kill()
            raise BadBundle(f"{self._entrypoint} can't be loaded: {first.message}")

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
