"""A servable with several engines, whose calls take time on a clock of its own."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from hotshelf_server.core.engines import Choice, always
from hotshelf_server.core.types import Answer, Parameters, Response, Signature, Tensors, TensorSpec

SIGNATURE = Signature((TensorSpec("x", "FP64", (-1, 2)),), (TensorSpec("y", "FP64", (-1,)),))

Cost = Callable[[int], float]
"""Seconds of a call, by its rows."""


class FakeChoosing:
    """``costs``: its engines, the library last. Those in ``otherwise`` answer otherwise, or raise what is there."""

    def __init__(
        self, costs: Mapping[str, Cost], otherwise: Mapping[str, Exception | None] | None = None, default: str = ""
    ) -> None:
        self.costs = dict(costs)
        self.otherwise = dict(otherwise or {})
        self.choice = always(default or next(iter(costs)), "default")
        self.signature = SIGNATURE
        self.settled: list[Choice] = []
        self.now = 0.0
        self.calls: list[tuple[str, int]] = []

    @property
    def candidates(self) -> Sequence[str]:
        return tuple(self.costs)

    def predict(self, inputs: Tensors, parameters: Parameters) -> Answer:
        return self.predict_with(self.choice.engines[0], inputs)

    def predict_with(self, engine: str, inputs: Tensors) -> Response:
        rows = len(inputs["x"])
        self.calls.append((engine, rows))
        self.now += self.costs[engine](rows)
        if engine not in self.otherwise:
            return Response({"y": inputs["x"].sum(axis=1)})
        if (error := self.otherwise[engine]) is not None:
            raise error
        return Response({"y": np.nextafter(inputs["x"].sum(axis=1), 1e9)})

    def settle(self, choice: Choice) -> None:
        self.settled.append(choice)
        self.choice = choice

    def close(self) -> None:
        """Nothing is held."""
