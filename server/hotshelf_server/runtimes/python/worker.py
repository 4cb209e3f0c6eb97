"""The worker process: runs one model's class and nothing else."""

import importlib
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from hotshelf_server.core.types import Parameters, Response, Tensors


@dataclass(frozen=True, slots=True)
class Call:
    """Asks the worker to predict."""

    inputs: Tensors
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Fault:
    """The class raised: what, in one line, and where."""

    message: str
    trace: str


@dataclass(frozen=True, slots=True)
class End:
    """No further response to the call. ``several`` tells that the class returned an iterator."""

    several: bool = False


def run(connection: Connection, entrypoint: str, folder: Path) -> None:
    """Load the class, say so with `End`, then answer calls until the other end closes."""
    try:
        model = _load(entrypoint, folder)
    except BaseException as error:  # noqa: BLE001 - whatever the class raises is the server's to hear of
        connection.send(_fault(error))
        return
    connection.send(End())
    while True:
        try:
            call: Call = connection.recv()
        except EOFError:
            return
        try:
            several = _answer(connection, model.predict(call.inputs, call.parameters))
            connection.send(End(several))
        except Exception as error:  # noqa: BLE001 - as above
            connection.send(_fault(error))


def _load(entrypoint: str, folder: Path) -> Any:
    module, _, name = entrypoint.partition(":")
    model = getattr(importlib.import_module(module), name)()
    model.load(folder)
    return model


def _answer(connection: Connection, result: Any) -> bool:
    if not isinstance(result, Iterator):
        connection.send(_response(result))
        return False
    for one in result:
        connection.send(_response(one))
    return True


def _response(result: Any) -> Response:
    if isinstance(result, Response):
        return Response(_arrays(result.outputs), dict(result.parameters))
    if isinstance(result, Mapping):
        return Response(_arrays(result))
    raise TypeError(f"predict returned {type(result).__name__}, expected a dict of arrays, a Response, or an iterator")


def _arrays(outputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: np.asarray(value) for name, value in outputs.items()}


def _fault(error: BaseException) -> Fault:
    return Fault(f"{type(error).__name__}: {error}", traceback.format_exc())
