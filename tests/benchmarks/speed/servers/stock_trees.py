"""Answers ModelInfer by LightGBM's package on the stock grpc.server, in two processes on one port: ``… PORT MODEL``."""

import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from threading import Lock
from typing import Any

import grpc
import lightgbm
import numpy as np

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import (
    GRPCInferenceServiceServicer,
    add_GRPCInferenceServiceServicer_to_server,
)

PROCESSES, THREADS = 2, 4
OUTPUT, DATATYPE = "prediction", "FP64"
LIMIT = 64 << 20
"""Bytes of a message."""


class Trees(GRPCInferenceServiceServicer):
    """One process of several, and a place of its own among their counts."""

    def __init__(self, model: str, answers: Any, place: int) -> None:
        self._booster = lightgbm.Booster(model_file=model)
        self._answers = answers
        self._place = place
        self._lock = Lock()

    def ModelInfer(self, request: pb.ModelInferRequest, context: object) -> pb.ModelInferResponse:
        """The score of each row."""
        rows = np.frombuffer(request.raw_input_contents[0], np.float32).reshape(request.inputs[0].shape)
        scores = np.asarray(self._booster.predict(rows, num_threads=1), np.float64)
        response = pb.ModelInferResponse(model_name=request.model_name)
        response.outputs.add(name=OUTPUT, datatype=DATATYPE, shape=scores.shape)
        response.raw_output_contents.append(scores.tobytes())
        with self._lock:
            self._answers[self._place] += 1
        return response

    def ModelStatistics(self, request: pb.ModelStatisticsRequest, context: object) -> pb.ModelStatisticsResponse:
        """How many answers all processes gave so far."""
        response = pb.ModelStatisticsResponse()
        response.model_stats.add(name=request.name).inference_stats.success.count = sum(self._answers)
        return response


def serve(port: int, model: str, answers: Any, place: int) -> None:
    """Until it is ended."""
    options = [("grpc.so_reuseport", 1), ("grpc.max_receive_message_length", LIMIT)]
    server = grpc.server(ThreadPoolExecutor(THREADS), options=options)
    trees = Trees(model, answers, place)  # type: ignore[abstract] # no other method is called
    add_GRPCInferenceServiceServicer_to_server(trees, server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    server.wait_for_termination()


def main() -> None:
    """Start the processes, and wait for them."""
    port, model = int(sys.argv[1]), sys.argv[2]
    spawning = get_context("spawn")
    answers = spawning.RawArray("q", PROCESSES)
    processes = [spawning.Process(target=serve, args=(port, model, answers, place)) for place in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


if __name__ == "__main__":
    main()
