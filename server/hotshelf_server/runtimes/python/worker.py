"""The worker process: runs one model's class and nothing else."""

import importlib
import resource
import signal
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from hotshelf_server.core.discretion import told
from hotshelf_server.core.processes import die_with_parent
from hotshelf_server.core.types import Array, Parameters, Response
from hotshelf_server.runtimes.python.wire import Message, pack, unpack


def run(connection: Connection, entrypoint: str, folder: Path, memory_bytes: int) -> None:
    """Load the class, say so with ``end``, then answer calls until the other end closes, or memory runs out."""
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    # A signal to the whole group (Ctrl-C, or a service manager's stop) is the server's to act on: it drains first.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        model = _load(entrypoint, folder)
    except BaseException as error:  # noqa: BLE001 - whatever the class raises is the server's to hear of
        connection.send_bytes(pack(_fault(0, error)))
        return
    connection.send_bytes(pack(Message("end")))
    while True:
        try:
            call = unpack(connection.recv_bytes())
        except EOFError:
            return
        if call.kind == "stop":  # it came after the end of its call
            continue
        try:
            several = _answer(connection, call.call, model.predict(dict(call.tensors), dict(call.parameters)))
            connection.send_bytes(pack(Message("end", call.call, several=several)))
        except MemoryError as error:
            # What has leaked stays: only a new process has it back.
            connection.send_bytes(pack(_fault(call.call, error, fatal=True)))
            return
        except Exception as error:  # noqa: BLE001 - as above
            connection.send_bytes(pack(_fault(call.call, error)))


def _load(entrypoint: str, folder: Path) -> Any:
    module, _, name = entrypoint.partition(":")
    model = getattr(importlib.import_module(module), name)()
    model.load(folder)
    return model


def _answer(connection: Connection, call: int, result: Any) -> bool:
    if not isinstance(result, Iterator):
        connection.send_bytes(pack(_response(call, result)))
        return False
    for one in result:
        connection.send_bytes(pack(_response(call, one, several=True)))
        if _stopped(connection, call):
            break
    close = getattr(result, "close", None)
    if close is not None:
        close()
    return True


def _stopped(connection: Connection, call: int) -> bool:
    """Whether the server wants no more of a call."""
    while connection.poll():
        message = unpack(connection.recv_bytes())
        if message.kind == "stop" and message.call == call:
            return True
    return False


def _response(call: int, result: Any, *, several: bool = False) -> Message:
    if isinstance(result, Response):
        return Message("response", call, _arrays(result.outputs), result.parameters, several=several)
    if isinstance(result, Mapping):
        return Message("response", call, _arrays(result), several=several)
    raise TypeError(f"predict returned {type(result).__name__}, expected a dict of arrays, a Response, or an iterator")


def _arrays(outputs: Mapping[str, Any]) -> dict[str, Array]:
    return {name: np.asarray(value) for name, value in outputs.items()}


def _fault(call: int, error: BaseException, *, fatal: bool = False) -> Message:
    """What went wrong; ``fatal`` when the process ends with it."""
    parameters: Parameters = {"trace": told(error), "fatal": fatal}
    return Message("fault", call, text=f"{type(error).__name__}: {error}", parameters=parameters)
