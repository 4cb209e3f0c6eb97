"""JSON over HTTP/1.1, as BentoML takes it: one object with the rows as lists, answered by a list."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException

import numpy as np

from hotshelf_server.core.types import Array
from tests.benchmarks.speed.model import Model
from tests.benchmarks.speed.wire import TIMEOUT, Ask, Refused, Unreadable, Wire

PATH = "/predict"
HEADERS = {"content-type": "application/json"}
OK = 200


def request_of(model: Model, rows: Array) -> bytes:
    """Such as ``{"rows": [[0.5, …], …]}``."""
    return json.dumps({"rows": rows.tolist()}).encode()


@contextmanager
def calling(port: int) -> Iterator[Ask]:
    """Over a connection for each call."""

    def ask(request: bytes) -> bytes:
        connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        try:
            connection.request("POST", PATH, request, HEADERS)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, HTTPException) as error:
            raise Refused(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
        if response.status != OK:
            raise Refused(f"status {response.status}")
        return answer

    yield ask


def values(answer: bytes, model: Model) -> Array:
    """The numbers. Raises `Unreadable` for what is no list of them."""
    try:
        return np.array(json.loads(answer), float)
    except ValueError as error:
        raise Unreadable(f"expected a list of numbers: {error}") from error


REST = Wire(
    PATH, tuple(f"{name}: {value}" for name, value in HEADERS.items()), True, 0, request_of, bytes, calling, values
)
