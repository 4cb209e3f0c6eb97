"""Classes that the python runtime serves where the protocol is tested."""

import time
from pathlib import Path
from typing import Any

import numpy as np

from hotshelf_server.runtimes import Response
from tests.fakes.python_models import Doubler


class Gated(Doubler):
    """Does what its parent does, once the file that parameter ``until`` names is there. NaN makes it fail.

    Adds the text of parameter ``mark`` to the file that ``record`` names.
    """

    def predict(self, inputs: dict[str, Any], parameters: dict[str, Any]) -> Any:
        """Wait, then double."""
        if np.isnan(inputs["x"]).any():
            raise ValueError("one of the numbers is none")
        until = parameters.get("until")
        while until and not Path(until).exists():
            time.sleep(0.002)
        if record := parameters.get("record"):
            with Path(record).open("a") as file:
                file.write(parameters["mark"])
        return super().predict(inputs, parameters)


ABSENT = {"fp16": np.empty((0, 0), dtype="<f2"), "bf16": np.empty((0, 0), dtype="<u2")}
"""Outputs for the inputs that may be left out."""


class Mirror:
    """Gives back what it was sent: each input as an output of its name, and the parameters."""

    def load(self, path: Path) -> None:
        """Nothing is needed."""

    def predict(self, inputs: dict[str, Any], parameters: dict[str, Any]) -> Any:
        """The request."""
        return Response({**ABSENT, **inputs}, parameters)


class Large:
    """Gives as many bytes as it is asked for."""

    def load(self, path: Path) -> None:
        """Nothing is needed."""

    def predict(self, inputs: dict[str, Any], parameters: dict[str, Any]) -> Any:
        """Zeros."""
        return {"y": np.zeros(int(inputs["x"][0]), dtype=np.float64)}


class Quoting(Doubler):
    """Fails, and quotes what it was sent."""

    def predict(self, inputs: dict[str, Any], parameters: dict[str, Any]) -> Any:
        """Raise."""
        raise ValueError(f"can't digest {inputs['x'].tolist()}")
