"""The request parameters and metadata that speak to the server, not to the model.

``priority`` and ``timeout`` (microseconds) are those of Triton's schedule policy extension, ``routing_key`` is ours.
"""

from collections.abc import Iterable
from typing import NamedTuple

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.types import Parameters
from hotshelf_server.execution.job import Patience

ROUTING_KEY = "routing_key"
PRIORITY = "priority"
TIMEOUT = "timeout"
EMPTY_FINAL_RESPONSE = "triton_enable_empty_final_response"
OURS = frozenset({ROUTING_KEY, PRIORITY, TIMEOUT, EMPTY_FINAL_RESPONSE})

ROUTING_KEY_METADATA = "hotshelf-routing-key"
"""Metadata of a call that does what the parameter does, for RPCs and clients that send none."""

UNSERVED = ("sequence_id", "sequence_start", "sequence_end")
"""Parameters of an extension that is not served: to ignore them would be to answer another question."""

SHARED_MEMORY = "shared_memory_region"
"""Parameter of a tensor that is not in the message but in a region that the client has registered."""


class Wishes(NamedTuple):
    """What a request asks of the server; ``key`` is its routing key, None where no parameter names one;
    ``parameters`` are the others, for the model."""

    patience: Patience
    key: str | None
    empty_final_response: bool
    parameters: Parameters


def wishes(parameters: Parameters, seconds_left: float | None) -> Wishes:
    """Tell the two kinds apart. Raises `InvalidInput` for a parameter of the wrong kind or out of its range."""
    if not parameters:
        return Wishes(Patience(seconds_left), None, empty_final_response=False, parameters=parameters)
    for name in UNSERVED:
        if parameters.get(name):
            raise InvalidInput(f"parameter {name!r}: this server has no sequences", parameter=name)
    timeout = _whole(parameters, TIMEOUT)
    return Wishes(
        Patience(seconds_left, _whole(parameters, PRIORITY), timeout / 1e6 if timeout else None),
        str(parameters[ROUTING_KEY]) if ROUTING_KEY in parameters else None,
        bool(parameters.get(EMPTY_FINAL_RESPONSE, False)),
        {name: value for name, value in parameters.items() if name not in OURS},
    )


def refuse_shared_memory(request: pb.ModelInferRequest) -> None:
    """Raise `InvalidInput` for a tensor that is, or is to be put, in shared memory."""
    for kind, tensors in (("input", request.inputs), ("output", request.outputs)):
        for tensor in tensors:
            if SHARED_MEMORY in tensor.parameters:
                raise InvalidInput(
                    f"{kind} {tensor.name!r} is in shared memory, which this server does not read or write; expected "
                    "tensors in the message",
                    tensor=tensor.name,
                    parameter=SHARED_MEMORY,
                )


def routing_key(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    """What keeps a caller on one version of a split route, as a call's metadata says it; empty for nothing."""
    return next((str(value) for name, value in metadata if name == ROUTING_KEY_METADATA), "")


def _whole(parameters: Parameters, name: str) -> int:
    """A number from 0 up; 0 when it isn't given. Clients send it signed, unsigned, or both."""
    value = parameters.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InvalidInput(f"parameter {name!r} is {value!r}, expected a whole number from 0 up", parameter=name)
    return value
