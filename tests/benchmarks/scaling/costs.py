"""What a call costs: CPU time of the server and of clients, and bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc
import numpy as np

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf.recommend.v1.recommend_pb2 import RecommendRequest
from hotshelf.recommend.v1.recommend_pb2_grpc import RecommendationServiceStub
from hotshelf_client import Client
from hotshelf_store import open_store
from tests.benchmarks.scaling.figures import Cost
from tests.benchmarks.scaling.loads import cheapest
from tests.benchmarks.scaling.relay import relaying
from tests.e2e.server_process import serving, wait_until
from tests.fakes.bundles import publish_lightgbm
from tests.integration.protocol.speaking import ask, rows

CALLS = 3_000
ROUNDS = 3
COUNTED = 200
"""Calls whose bytes are counted, after as many whose headers are still learned by both sides."""


@dataclass(frozen=True)
class Asked:
    """A way to ask one model: by stock gRPC, and by our client."""

    title: str
    model: str
    stock: Callable[[grpc.Channel], Callable[[], object]]
    ours: Callable[[Client], object]


def lightgbm(title: str, model: str, count: int) -> Asked:
    """So many rows a call."""
    array = np.ones((count, 3))
    request = ask(model, rows(array))
    return Asked(
        title,
        model,
        lambda channel: partial(GRPCInferenceServiceStub(channel).ModelInfer, request, timeout=10),
        lambda client: client.predict(model, {"input": array}),
    )


def shop(customer: str) -> Asked:
    """Ten recommendations for a customer."""
    request = RecommendRequest(model="shop", customer=customer, k=10)
    return Asked(
        "recommender, 10 products",
        "shop",
        lambda channel: partial(RecommendationServiceStub(channel).Recommend, request, timeout=10),
        lambda client: client.recommend("shop", customer, 10),
    )


def costs(folder: Path, shop_store: Path | None, customer: str) -> list[Cost]:
    """Of LightGBM models, and of the recommender of a store where there is one."""
    (folder / "store").mkdir()
    store = open_store(folder / "store")
    publish_lightgbm(store, folder / "small", "small", trees=3)
    publish_lightgbm(store, folder / "large", "large", trees=500)
    found = [
        cost(folder / "store", lightgbm("LightGBM, 3 trees, 1 row", "small", 1)),
        cost(folder / "store", lightgbm("LightGBM, 500 trees, 1 row", "large", 1)),
        cost(folder / "store", lightgbm("LightGBM, 500 trees, 64 rows", "large", 64)),
    ]
    return found if shop_store is None else [*found, cost(shop_store, shop(customer))]


def cost(store: Path, asked: Asked) -> Cost:
    """Of one model."""
    with serving("--store", store) as server, Client(server.address) as client:
        wait_until(lambda: client.ready(asked.model))
        with grpc.insecure_channel(server.address) as channel:
            stock_us, server_us = cheapest(asked.stock(channel), CALLS, [server], ROUNDS)
        our_us, _ = cheapest(lambda: asked.ours(client), CALLS, [server], ROUNDS)
        sent, received = _bytes(("127.0.0.1", server.port), asked)
    return Cost(asked.title, server_us, stock_us, our_us, sent, received)


def _bytes(server: tuple[str, int], asked: Asked) -> tuple[float, float]:
    with relaying(server) as relay, grpc.insecure_channel(f"127.0.0.1:{relay.port}") as channel:
        call = asked.stock(channel)
        for _ in range(COUNTED):
            call()
        sent, received = relay.sent, relay.received
        for _ in range(COUNTED):
            call()
        return (relay.sent - sent) / COUNTED, (relay.received - received) / COUNTED
