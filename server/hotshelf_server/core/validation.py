"""Holds a request to a model's signature. Every error names the tensor, what was expected and what was found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.types import Array, Signature, Tensors, TensorSpec


@dataclass(frozen=True, slots=True)
class NamedTensor:
    """A tensor as it came in: what it says of itself, and its elements."""

    name: str
    datatype: str
    array: Array


def check_inputs(signature: Signature, given: Iterable[NamedTensor]) -> Tensors:
    """The inputs by name, when each fits its spec and none is missing. Raises `InvalidInput`."""
    specs = {spec.name: spec for spec in signature.inputs}
    found: dict[str, Array] = {}
    for tensor in given:
        if tensor.name not in specs:
            raise InvalidInput(
                f"unknown input {tensor.name!r}; expected {_names(signature.inputs)}",
                tensor=tensor.name,
                expected=_names(signature.inputs),
            )
        if tensor.name in found:
            raise InvalidInput(f"input {tensor.name!r} is given twice; expected once", tensor=tensor.name)
        _check(specs[tensor.name], tensor)
        found[tensor.name] = tensor.array
    missing = [spec.name for spec in signature.inputs if not spec.optional and spec.name not in found]
    if missing:
        raise InvalidInput(
            f"input {missing[0]!r} is missing; expected {_names(signature.inputs)}",
            tensor=missing[0],
            expected=_names(signature.inputs),
        )
    return found


def check_outputs(signature: Signature, wanted: Sequence[str]) -> Sequence[TensorSpec]:
    """The specs of the wanted outputs in the order of the request; all of them for none. Raises `InvalidInput`."""
    specs = {spec.name: spec for spec in signature.outputs}
    for name in wanted:
        if name not in specs:
            raise InvalidInput(
                f"unknown output {name!r}; expected {_names(signature.outputs)}",
                tensor=name,
                expected=_names(signature.outputs),
            )
    if len(set(wanted)) != len(wanted):
        twice = next(name for name in wanted if wanted.count(name) > 1)
        raise InvalidInput(f"output {twice!r} is asked for twice; expected once", tensor=twice)
    return [specs[name] for name in wanted] or signature.outputs


def fits(spec: TensorSpec, shape: Sequence[int]) -> bool:
    """Whether a shape has the spec's dimensions, with any size where the spec has -1."""
    return len(shape) == len(spec.shape) and all(
        wanted in (-1, size) for wanted, size in zip(spec.shape, shape, strict=True)
    )


def _check(spec: TensorSpec, tensor: NamedTensor) -> None:
    if tensor.datatype != spec.datatype:
        raise InvalidInput(
            f"input {spec.name!r}: datatype {tensor.datatype or 'none'}, expected {spec.datatype}",
            tensor=spec.name,
            expected=spec.datatype,
            found=tensor.datatype,
        )
    if not fits(spec, tensor.array.shape):
        raise InvalidInput(
            f"input {spec.name!r}: shape {list(tensor.array.shape)}, expected {list(spec.shape)}",
            tensor=spec.name,
            expected=list(spec.shape),
            found=list(tensor.array.shape),
        )


def _names(specs: Iterable[TensorSpec]) -> str:
    return ", ".join(spec.name for spec in specs)
