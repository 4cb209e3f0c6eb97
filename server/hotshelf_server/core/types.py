"""Values that every part of the server speaks in. Imports nothing of ours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy.typing as npt

Array = npt.NDArray[Any]
"""A tensor: any numeric NumPy dtype, or ``object`` holding ``bytes`` for datatype BYTES."""

Parameter = bool | int | float | str
"""A request's or response's parameter (OIP ``InferParameter``)."""

Tensors = Mapping[str, Array]
Parameters = Mapping[str, Parameter]


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output: its name, OIP datatype, and shape with -1 where the size is free.

    ``categories``: of a categorical input, the values that the model knows, as text, in the order of their codes.
    """

    name: str
    datatype: str
    shape: tuple[int, ...]
    optional: bool = False
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """What a model takes and gives."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    @property
    def by_row(self) -> bool:
        """Whether the first dimension of every input and output is a free number of rows."""
        return all(spec.shape[:1] == (-1,) for spec in (*self.inputs, *self.outputs))


class VersionId(NamedTuple):
    """One version of one model; the pair names it everywhere. A tuple, since every call looks it up several times, and
    the hash of a dataclass is computed in Python."""

    model: str
    version: int

    def __str__(self) -> str:
        return f"{self.model}/{self.version}"


@dataclass(slots=True)
class Response:
    """What a servable answers: output tensors, and parameters for the caller. Changed by nobody; not frozen, which
    would make it four times as slow to make."""

    outputs: Tensors
    parameters: Parameters = field(default_factory=dict)


class Responses(Iterator[Response], Protocol):
    """Several responses, from a decoupled model: each as soon as it is there. Whoever wants no more closes it."""

    def close(self) -> None:
        """Give back what the answer holds. May be called more than once, and before the first response."""
        ...


Answer = Response | Responses
"""What a servable gives for one request."""


@dataclass(slots=True)
class Joined:
    """Calls that were computed at once. ``span`` is the trace's name for it, once there is one."""

    calls: int
    rows: int
    span: Any = None


@dataclass(slots=True)
class Times:
    """What a call spent, in seconds: on its message, waiting for its turn, joining inputs, computing, parting outputs,
    on the answer's message, and in all; and the batch that it was ``joined`` in."""

    decode: float = 0.0
    queue: float = 0.0
    join: float = 0.0
    compute: float = 0.0
    part: float = 0.0
    encode: float = 0.0
    total: float = 0.0
    joined: Joined | None = None
