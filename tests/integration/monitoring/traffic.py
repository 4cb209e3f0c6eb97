"""Callers of two models: most are answered, some are refused, some aren't known."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc
import numpy as np

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf.recommend.v1.recommend_pb2 import RecommendRequest
from hotshelf.recommend.v1.recommend_pb2_grpc import RecommendationServiceStub
from tests.fakes.profiled import COLUMNS
from tests.integration.protocol.speaking import ask

CUSTOMERS = ("ann", "bob", "nobody")
ROWS = 16
PAUSE = 0.01
"""Seconds."""

IMPATIENT = 1
"""Microseconds: no call gets its turn so soon where it waits for others."""


class Callers:
    """Calls one after the other."""

    def __init__(self, channel: grpc.Channel, table: str, shop: str) -> None:
        """``table`` is a model of tests.fakes.profiled, ``shop`` a recommender."""
        self._tensors = GRPCInferenceServiceStub(channel)
        self._recommendations = RecommendationServiceStub(channel)
        self._table = table
        self._shop = shop
        self._random = np.random.default_rng(0)
        self._count = 0

    def __call__(self) -> None:
        """One call of each kind; every tenth of those to the table can't be met in time, or doesn't fit."""
        self._count += 1
        columns = {name: ("FP64", self._random.random(ROWS)) for name in COLUMNS}
        self._ask(lambda: self._tensors.ModelInfer(ask(self._table, columns)))
        if self._count % 10 == 0:
            patient = self._tensors.ModelInfer.future(ask(self._table, columns))
            self._ask(lambda: self._tensors.ModelInfer(ask(self._table, columns, timeout=IMPATIENT)))
            patient.result()
            self._ask(lambda: self._tensors.ModelInfer(ask(self._table)))
        customer = CUSTOMERS[self._count % len(CUSTOMERS)]
        self._ask(lambda: self._recommendations.Recommend(RecommendRequest(model=self._shop, customer=customer, k=2)))

    @staticmethod
    def _ask(call: Callable[[], object]) -> None:
        try:
            call()
        except grpc.RpcError:
            return


@contextmanager
def calling(address: str, table: str, shop: str, pause: float = PAUSE) -> Iterator[None]:
    """Calls all the while, from a thread of its own."""
    over = threading.Event()
    with grpc.insecure_channel(address) as channel:
        callers = Callers(channel, table, shop)

        def run() -> None:
            while not over.wait(pause):
                callers()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
