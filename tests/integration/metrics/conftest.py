"""A server that was called in several ways, and what it exports."""

import urllib.request
from collections.abc import Iterator
from typing import Any

import grpc
import numpy as np
import pytest

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_store import open_store
from tests.fakes.bundles import lightgbm_bundle, publish_lightgbm
from tests.integration.conftest import Running, serving, wait_until
from tests.integration.protocol.speaking import ask, metric, rows

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = ("traceparent", f"00-{TRACE}-{SPAN}-01")
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


@pytest.fixture(scope="package")
def called(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Version 1 of ``toy`` answers; version 2, its candidate, has golden answers that are wrong."""
    folder = tmp_path_factory.mktemp("called")
    (folder / "store").mkdir()
    store = open_store(folder / "store")
    publish_lightgbm(store, folder / "good")
    store.publish("toy", folder / "bad", lightgbm_bundle(folder / "bad", spoiled_golden=True))
    with serving(store=folder / "store") as running, grpc.insecure_channel(running.address) as channel:
        call(channel)
        wait_until(lambda: metric(running, "hotshelf_version_golden_failures_total", version="2"))
        yield running


def call(channel: grpc.Channel) -> None:
    """Answers, errors, and names that nobody serves."""
    stub = GRPCInferenceServiceStub(channel)
    for count in (1, 3):
        stub.ModelInfer(ask("toy", rows(np.ones((count, 3)))), metadata=(TRACEPARENT,))
    for request in (ask("toy"), ask("nobody-serves-this"), ask("toy", version="99")):
        with pytest.raises(grpc.RpcError):
            stub.ModelInfer(request)
    for method in ("/inference.GRPCInferenceService/NobodyServesThis", "/nobody.Serves/This"):
        unknown: Any = channel.unary_unary(method)
        with pytest.raises(grpc.RpcError) as caught:
            unknown(b"")
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def scrape(running: Running, accept: str = "") -> tuple[str, str]:
    """The content type and the text."""
    request = urllib.request.Request(running.metrics_url, headers={"Accept": accept} if accept else {})
    with urllib.request.urlopen(request) as answer:
        return answer.headers["Content-Type"], answer.read().decode()
