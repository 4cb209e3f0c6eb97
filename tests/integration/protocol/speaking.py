"""Says things in the protocol, and takes answers apart."""

import queue
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import grpc
import numpy as np
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from prometheus_client.parser import text_string_to_metric_families

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_store.tensors import Array, decode, encode
from tests.integration.conftest import Running, wait_until

ParameterValue = bool | int | float | str


def ask(
    model: str,
    tensors: Mapping[str, tuple[str, Array]] | None = None,
    *,
    version: str = "",
    identifier: str = "",
    outputs: Sequence[str] = (),
    **parameters: ParameterValue,
) -> pb.ModelInferRequest:
    """A request with raw tensors: by default one number ``x``."""
    request = pb.ModelInferRequest(model_name=model, model_version=version, id=identifier)
    for name, (datatype, array) in (tensors or {"x": ("FP64", np.array([1.0]))}).items():
        request.inputs.add(name=name, datatype=datatype, shape=array.shape)
        request.raw_input_contents.append(encode(array, datatype))
    for output in outputs:
        request.outputs.add(name=output)
    for name, value in parameters.items():
        field = {bool: "bool_param", int: "int64_param", float: "double_param", str: "string_param"}[type(value)]
        setattr(request.parameters[name], field, value)
    return request


def rows(array: Array) -> Mapping[str, tuple[str, Array]]:
    """The one input of the LightGBM models."""
    return {"input": ("FP64", array)}


def arrays(response: pb.ModelInferResponse) -> dict[str, Array]:
    """The outputs by name."""
    return {
        output.name: decode(raw, output.datatype, tuple(output.shape))
        for output, raw in zip(response.outputs, response.raw_output_contents, strict=True)
    }


def statistics(stub: GRPCInferenceServiceStub, model: str, version: str = "1") -> pb.ModelStatistics:
    """What was counted of one version."""
    (found,) = stub.ModelStatistics(pb.ModelStatisticsRequest(name=model, version=version)).model_stats
    return found


def status(error: grpc.RpcError) -> Status:
    """The details of an error."""
    trailing: Any = error.trailing_metadata()
    return Status.FromString(dict(trailing)["grpc-status-details-bin"])


def reason(error: grpc.RpcError) -> str:
    """The stable word for an error."""
    info = ErrorInfo()
    assert status(error).details[0].Unpack(info)
    return info.reason


def retry_seconds(error: grpc.RpcError) -> float:
    """When to come again."""
    info = RetryInfo()
    assert status(error).details[1].Unpack(info)
    return float(info.retry_delay.ToNanoseconds() / 1e9)


def metric(running: Running, name: str, **labels: str) -> float:
    """The sum of a metric's samples with these labels."""
    with urllib.request.urlopen(running.metrics_url) as answer:
        families = text_string_to_metric_families(answer.read().decode())
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def wait_for_calls(running: Running, *, executing: int = 0, waiting: int = 0, model: str = "gated") -> None:
    """Until so many calls run, and so many of a model's wait."""
    sample = running.server.sampling
    wait_until(lambda: sample().running >= executing + waiting and sample().waiting_by_model().get(model, 0) == waiting)


class Talk:
    """A stream of inferences, one request at a time."""

    def __init__(self, stub: GRPCInferenceServiceStub) -> None:
        self._requests: queue.Queue[pb.ModelInferRequest | None] = queue.Queue()
        self._call: Any = stub.ModelStreamInfer(iter(self._requests.get, None), timeout=60)

    def say(self, *requests: pb.ModelInferRequest) -> None:
        """Send requests."""
        for request in requests:
            self._requests.put(request)

    def hear(self) -> pb.ModelStreamInferResponse:
        """The next response."""
        response: pb.ModelStreamInferResponse = next(self._call)
        return response

    def rest(self) -> Iterator[pb.ModelStreamInferResponse]:
        """Say no more, and hear what is left."""
        self._requests.put(None)
        return iter(self._call)

    def cancel(self) -> None:
        """Go away."""
        self._call.cancel()
        self._requests.put(None)
