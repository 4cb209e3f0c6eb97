"""Answers ModelInfer by what it was sent, on grpc.aio and without looking at it: ``… PORT``."""

import asyncio
import sys

import grpc

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import (
    GRPCInferenceServiceServicer,
    add_GRPCInferenceServiceServicer_to_server,
)

OUTPUT, DATATYPE = "transform", "FP32"


class Echo(GRPCInferenceServiceServicer):
    """Counts its answers."""

    def __init__(self) -> None:
        self._answers = 0

    async def ModelInfer(self, request: pb.ModelInferRequest, context: object) -> pb.ModelInferResponse:
        """The input's bytes as the output."""
        response = pb.ModelInferResponse(model_name=request.model_name)
        response.outputs.add(name=OUTPUT, datatype=DATATYPE, shape=request.inputs[0].shape)
        response.raw_output_contents.append(request.raw_input_contents[0])
        self._answers += 1
        return response

    async def ModelStatistics(self, request: pb.ModelStatisticsRequest, context: object) -> pb.ModelStatisticsResponse:
        """How many answers so far."""
        response = pb.ModelStatisticsResponse()
        response.model_stats.add(name=request.name).inference_stats.success.count = self._answers
        return response


async def serve(port: int) -> None:
    """Until it is ended."""
    server = grpc.aio.server()
    add_GRPCInferenceServiceServicer_to_server(Echo(), server)  # type: ignore[abstract] # no other method is called
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
