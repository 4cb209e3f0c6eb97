"""A servable with several engines, whose calls take time on a clock of its own."""

from collections.abc import Callable, Mapping, Sequence

from hotshelf_server.core.engines import Choice, always
from hotshelf_server.core.types import Answer, Array, Parameters, Response, Signature, Tensors, TensorSpec

SIGNATURE = Signature((TensorSpec("x", "FP64", (-1, 2)),), (TensorSpec("y", "FP64", (-1,)),))

Cost = Callable[[int], float]
"""Seconds of a call, by its rows."""

Otherwise = Exception | Callable[[Array], Array]


class FakeChoosing:
    """``costs``: its engines, the library last. Those in ``otherwise`` answer otherwise, as the function there makes it
    of the right answer, or raise what is there. Those in ``proofs`` are found to differ by so much when they are made
    ready, or can't be."""

    def __init__(
        self,
        costs: Mapping[str, Cost],
        otherwise: Mapping[str, Otherwise] | None = None,
        default: str = "",
        *,
        tolerance: float | None = None,
        proofs: Mapping[str, Exception | float] | None = None,
    ) -> None:
        self.costs = dict(costs)
        self.otherwise = dict(otherwise or {})
        self.choice = always(default or next(iter(costs)), "default")
        self.signature = SIGNATURE
        self.tolerance = tolerance
        self.proofs = dict(proofs or {})
        self.ready: list[str] = []
        self.settled: list[Choice] = []
        self.now = 0.0
        self.calls: list[tuple[str, int]] = []

    @property
    def candidates(self) -> Sequence[str]:
        return tuple(self.costs)

    def predict(self, inputs: Tensors, parameters: Parameters) -> Answer:
        return self.predict_with(self.choice.engines[0], inputs)

    def make_ready(self, engine: str) -> float | None:
        found = self.proofs.get(engine)
        if isinstance(found, Exception):
            raise found
        self.ready.append(engine)
        return found

    def predict_with(self, engine: str, inputs: Tensors) -> Response:
        rows = len(inputs["x"])
        self.calls.append((engine, rows))
        self.now += self.costs[engine](rows)
        otherwise = self.otherwise.get(engine, _as_it_is)
        if isinstance(otherwise, Exception):
            raise otherwise
        return Response({"y": otherwise(inputs["x"].sum(axis=1))})

    def settle(self, choice: Choice) -> None:
        self.settled.append(choice)
        self.choice = choice

    def close(self) -> None:
        """Nothing is held."""


def _as_it_is(right: Array) -> Array:
    return right
