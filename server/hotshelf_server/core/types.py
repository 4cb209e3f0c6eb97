"""Values that every part of the server speaks in. Imports nothing of ours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

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


@dataclass(frozen=True, slots=True)
class VersionId:
    """One version of one model; the pair names it everywhere."""

    model: str
    version: int

    def __str__(self) -> str:
        return f"{self.model}/{self.version}"


@dataclass(frozen=True, slots=True)
class Response:
    """What a servable answers: output tensors, and parameters for the caller."""

    outputs: Tensors
    parameters: Parameters = field(default_factory=dict)


Answer = Response | Iterator[Response]
"""One response, or several from a decoupled model."""
