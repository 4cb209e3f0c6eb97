"""A model as the benchmark knows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hotshelf_server.core.types import Array
from hotshelf_store import TensorSpec


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a model: datatype of the protocol, and columns, none for a vector."""

    name: str
    datatype: str
    columns: int | None

    def spec(self) -> TensorSpec:
        """As a signature has it."""
        return TensorSpec(name=self.name, datatype=self.datatype, shape=[-1, *filter(None, [self.columns])])


@dataclass(frozen=True, slots=True)
class Model:
    """A model with one input, and one output that is compared; ``answer`` computes here what is expected of servers.

    ``store`` holds it for ours, ``file`` for peers, if they can run it; ``draw`` gives so many rows, others for each
    seed; ``tolerance`` is relative, for sums whose order a library may choose; ``parameters`` go with each request.
    """

    name: str
    store: Path
    file: Path | None
    input: Tensor
    output: Tensor
    tolerance: float
    answer: Callable[[Array], Array]
    draw: Callable[[int, int], Array]
    parameters: Mapping[str, float] = field(default_factory=dict)
