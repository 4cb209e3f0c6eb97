"""Memory that a tensor of 32 MiB takes on its way in and out: ``python -m tests.benchmarks.large_messages``.

Growth of the peak resident memory over the tensor's size, from the bytes that came to the array, and from the array to
the bytes that go, each in a process of its own; beside it the same by protobuf's own messages.
"""

import multiprocessing
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.types import TensorSpec
from hotshelf_server.services import wire
from hotshelf_server.services.codec import decode_inputs, encode_outputs, with_outputs

SIZE = 32 << 20
KIB = 1024


def _request(name: str) -> bytes:
    request = pb.ModelInferRequest(model_name=name, raw_input_contents=[bytes(SIZE)])
    request.inputs.add(name="x", datatype="FP32", shape=[SIZE // 4])
    return request.SerializeToString()


def _outputs() -> list[tuple[TensorSpec, np.ndarray]]:
    return [(TensorSpec("y", "FP32", (-1,)), np.ones(SIZE // 4, np.float32))]


def _aligned() -> bytes:
    """A request whose elements happen to lie aligned, as one of four does for FP32."""
    names = ("m" * length for length in range(1, 9))
    return next(content for content in map(_request, names) if (content.find(bytes(64)) + 32) % 4 == 0)


def _unaligned() -> bytes:
    names = ("m" * length for length in range(1, 9))
    return next(content for content in map(_request, names) if (content.find(bytes(64)) + 32) % 4 == 1)


def _by_protobuf(outputs: list[tuple[TensorSpec, np.ndarray]]) -> bytes:
    response = pb.ModelInferResponse(model_name="m")
    encode_outputs(response, outputs)
    return response.SerializeToString()


CASES: dict[str, tuple[Callable[[], object], Callable[..., object]]] = {
    "request, aligned": (_aligned, lambda content: decode_inputs(wire.read(content))),
    "request, not aligned": (_unaligned, lambda content: decode_inputs(wire.read(content))),
    "request by protobuf": (_aligned, lambda content: decode_inputs(pb.ModelInferRequest.FromString(content))),
    "response": (_outputs, lambda outputs: wire.write(with_outputs(pb.ModelInferResponse(model_name="m"), outputs))),
    "response by protobuf": (_outputs, _by_protobuf),
}


def growth(name: str) -> float:
    """Copies of the tensor that one way holds at its peak, beside what it was given."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        before, after = pool.apply(_measured, (name,))
    return float((after - before) * KIB / SIZE)


def _measured(name: str) -> tuple[int, int]:
    prepare, work = CASES[name]
    given = prepare()
    _reset_peak()
    before = _peak()
    kept = work(given)
    del kept
    return before, _peak()


def _reset_peak() -> None:
    """Forget the peak so far (Linux, proc(5): clear_refs 5)."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    """The peak resident memory since the reset, in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def main() -> None:
    """Print the table."""
    table = Table("way of a 32 MiB tensor", "copies at the peak")
    for name in CASES:
        table.add_row(name, f"{growth(name):.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
