"""Classes that the python runtime serves in tests."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from hotshelf_server.runtimes import Response


class Doubler:
    """Doubles ``x``, or does what parameter ``do`` says."""

    def load(self, path: Path) -> None:
        """Read how much to add, if the bundle says."""
        offset = path / "offset.txt"
        self.offset = float(offset.read_text()) if offset.exists() else 0.0

    def predict(self, inputs: dict[str, Any], parameters: dict[str, Any]) -> Any:
        """A dict, a Response, an iterator, or mischief."""
        y = inputs["x"] * 2 + self.offset
        return MISCHIEF.get(parameters.get("do"), _plain)(y)


def _plain(y: Any) -> Any:
    return {"y": y}


def _raise(y: Any) -> Any:
    raise ValueError("no such luck")


LEAKED: list[Any] = []
"""Kept for good: a gibibyte each."""


def _leak(y: Any) -> Any:
    LEAKED.append(np.empty(1 << 27))
    return {"y": y}


def _die_soon(y: Any) -> Any:
    threading.Timer(0.2, lambda: os._exit(3)).start()
    return {"y": y}


MISCHIEF: dict[Any, Callable[[Any], Any]] = {
    "respond": lambda y: Response({"y": y}, {"note": "hello", "count": 3}),
    "iterate": lambda y: iter([{"y": y}, Response({"y": y})]),
    "iterate once": lambda y: iter([{"y": y}]),
    "iterate badly": lambda y: iter([{"y": y}, {"z": y}]),
    "iterate nothing": lambda _: iter([]),
    "raise": _raise,
    "leak": _leak,
    "die later": _die_soon,
    "hang": lambda _: time.sleep(3600),
    "die": lambda _: os.kill(os.getpid(), signal.SIGSEGV),
    "exit": lambda _: os._exit(7),
    "wrong dtype": lambda y: {"y": y.astype("f4")},
    "wrong name": lambda y: {"z": y},
    "wrong type": lambda _: 42,
    "endless": lambda y: ({"y": y} for _ in count()),
    "complex": lambda y: {"y": y * 1j},
    "odd parameter": lambda y: Response({"y": y}, {"p": [1]}),  # type: ignore[dict-item]  # that is the mischief
}


class HangsInLoad:
    """Never ends to load."""

    def load(self, path: Path) -> None:
        """Hang."""
        time.sleep(3600)

    def predict(self, inputs: dict[str, Any], parameters: dict[str, Any]) -> Iterator[Any]:
        """Never reached."""
        raise NotImplementedError


class DiesInLoad(HangsInLoad):
    """Crashes while it loads."""

    def load(self, path: Path) -> None:
        """Crash."""
        os.kill(os.getpid(), signal.SIGSEGV)


class ExitsInLoad(HangsInLoad):
    """Ends its process while it loads."""

    def load(self, path: Path) -> None:
        """Exit."""
        os._exit(7)


class SlowInLoad(HangsInLoad):
    """Takes ten seconds to load, then answers zeros."""

    def load(self, path: Path) -> None:
        """Sleep."""
        time.sleep(10)

    def predict(self, inputs: dict[str, Any], parameters: dict[str, Any]) -> Any:
        """A zero a row."""
        return {"prediction": np.zeros(len(inputs["input"]))}


class RaisesInLoad(HangsInLoad):
    """Raises while it loads."""

    def load(self, path: Path) -> None:
        """Raise."""
        raise RuntimeError("weights are missing")


class Ragged(Doubler):
    """Gives lists, which become arrays."""

    def predict(self, inputs: dict[str, Any], parameters: dict[str, Any]) -> Any:
        """A list of floats."""
        return {"y": [float(value) for value in np.asarray(inputs["x"])]}


class Slow(Doubler):
    """Takes half a second a call."""

    def predict(self, inputs: dict[str, Any], parameters: dict[str, Any]) -> Any:
        """Sleep, then double."""
        time.sleep(0.5)
        return super().predict(inputs, parameters)


class Unhurried(Doubler):
    """Takes a twentieth of a second a call."""

    def predict(self, inputs: dict[str, Any], parameters: dict[str, Any]) -> Any:
        """Sleep, then double."""
        time.sleep(0.05)
        return super().predict(inputs, parameters)


class RaisesForLarge(Doubler):
    """Passes its golden requests, and raises for numbers of 50 and more."""

    def predict(self, inputs: dict[str, Any], parameters: dict[str, Any]) -> Any:
        """Double what is small."""
        if (np.asarray(inputs["x"]) >= 50).any():
            raise ValueError("too large")
        return super().predict(inputs, parameters)


class Speaks(Doubler):
    """Gives texts."""

    def predict(self, inputs: dict[str, Any], parameters: dict[str, Any]) -> Any:
        """One text a row."""
        return {"y": np.array(["größer", ""])}


class SignalsItself(Doubler):
    """Gets the signals that a process group gets."""

    def predict(self, inputs: dict[str, Any], parameters: dict[str, Any]) -> Any:
        """Survive them, then double."""
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        return super().predict(inputs, parameters)
