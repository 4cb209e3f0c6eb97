"""Golden requests: what a version must answer as recorded before it takes traffic."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf.message import DecodeError

from hotshelf.bundle.v1.manifest_pb2 import GoldenCase as GoldenCaseMessage
from hotshelf.bundle.v1.manifest_pb2 import GoldenParameter, GoldenSet, GoldenSummary, GoldenTensor
from hotshelf_store.errors import InvalidBundle
from hotshelf_store.tensors import DTYPES, Array, decode, encode

FILE = "golden.binpb"
Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """One request and the answer that it must get. Outputs that are not named are not compared."""

    inputs: Mapping[str, Array]
    outputs: Mapping[str, Array]
    parameters: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Golden:
    """Cases, and how far floating-point outputs may differ; 0 and 0: not by a bit."""

    cases: tuple[GoldenCase, ...]
    relative_tolerance: float = 0.0
    absolute_tolerance: float = 0.0


def write(folder: Path, golden: Golden) -> GoldenSummary:
    """Write the golden file of a bundle and return what its manifest says of it."""
    message = GoldenSet(
        cases=[_to_message(case) for case in golden.cases],
        relative_tolerance=golden.relative_tolerance,
        absolute_tolerance=golden.absolute_tolerance,
    )
    (folder / FILE).write_bytes(message.SerializeToString(deterministic=True))
    return GoldenSummary(path=FILE, cases=len(golden.cases))


def read(path: Path) -> Golden:
    """Read a golden file. Raises `InvalidBundle`, also for one that proves nothing."""
    try:
        message = GoldenSet.FromString(path.read_bytes())
        cases = tuple(_from_message(case) for case in message.cases)
    except (OSError, DecodeError, ValueError, KeyError) as error:
        raise InvalidBundle(f"{path.name} is no golden file: {error}") from error
    golden = Golden(cases, message.relative_tolerance, message.absolute_tolerance)
    _require_proof(path.name, golden)
    return golden


def datatype_of(array: Array) -> str:
    """The protocol datatype of an array. Raises `ValueError` for a dtype that has none."""
    for datatype, dtype in DTYPES.items():
        if array.dtype == dtype:
            return datatype
    raise ValueError(f"dtype {array.dtype}: expected one of {', '.join(str(dtype) for dtype in DTYPES.values())}")


def _require_proof(name: str, golden: Golden) -> None:
    """Refuse what every model would pass."""
    if not golden.cases:
        raise InvalidBundle(f"{name} has no cases; expected one or more")
    for number, case in enumerate(golden.cases):
        if not case.outputs:
            raise InvalidBundle(f"{name}: case {number} has no outputs; expected one or more")
    for kind, tolerance in (("relative", golden.relative_tolerance), ("absolute", golden.absolute_tolerance)):
        if not (math.isfinite(tolerance) and tolerance >= 0):
            raise InvalidBundle(f"{name}: {kind} tolerance {tolerance}; expected a finite number from 0 up")


def _to_message(case: GoldenCase) -> GoldenCaseMessage:
    return GoldenCaseMessage(
        inputs=[_to_tensor(name, array) for name, array in case.inputs.items()],
        outputs=[_to_tensor(name, array) for name, array in case.outputs.items()],
        parameters={name: _to_parameter(value) for name, value in case.parameters.items()},
    )


def _from_message(message: GoldenCaseMessage) -> GoldenCase:
    return GoldenCase(
        inputs={tensor.name: decode(tensor.raw, tensor.datatype, tuple(tensor.shape)) for tensor in message.inputs},
        outputs={tensor.name: decode(tensor.raw, tensor.datatype, tuple(tensor.shape)) for tensor in message.outputs},
        parameters={name: _from_parameter(value) for name, value in message.parameters.items()},
    )


def _to_tensor(name: str, array: Array) -> GoldenTensor:
    datatype = datatype_of(array)
    return GoldenTensor(name=name, datatype=datatype, shape=array.shape, raw=encode(array, datatype))


def _to_parameter(value: Value) -> GoldenParameter:
    match value:
        case bool():
            return GoldenParameter(bool_value=value)
        case int():
            return GoldenParameter(int64_value=value)
        case float():
            return GoldenParameter(double_value=value)
        case _:
            return GoldenParameter(string_value=value)


def _from_parameter(message: GoldenParameter) -> Value:
    kind = message.WhichOneof("value")
    if kind is None:
        raise ValueError("a parameter has no value")
    value: Value = getattr(message, kind)
    return value
