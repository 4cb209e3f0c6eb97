"""A judge over two real servers: a good canary becomes champion, a failing one is taken back."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
from pathlib import Path

import grpc
import numpy as np
import pytest

from hotshelf.inference import open_inference_pb2 as inference
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf.registry.v1 import registry_pb2 as pb
from hotshelf.registry.v1.registry_pb2_grpc import RegistryServiceStub
from hotshelf_store import CHAMPION, PREVIOUS, Store, Verdict
from hotshelf_trainer.judge.loop import End, Ended, Judge, Plan
from hotshelf_trainer.judge.observe import Fleet
from hotshelf_trainer.judge.verdict import Limits
from tests.fakes.bundles import python_bundle
from tests.integration.conftest import Running, Serve

PAUSE = 0.1
"""Seconds between looks."""

LIMITS = Limits(min_calls=60, max_error_rate_increase=0.05, max_p99_ratio=50, fast_enough=5.0, max_score_distance=0.5)
"""Loose where a busy machine decides."""


@pytest.fixture
def fleet(serve: Serve, store: Store, tmp_path: Path) -> list[Running]:
    """Two replicas of champion 1."""
    store.publish("p", tmp_path / "p", python_bundle(tmp_path / "p"))
    return [serve(allow_python=["tests.fakes"]) for _ in range(2)]


@contextmanager
def shoppers(fleet: list[Running]) -> Iterator[None]:
    """Call both replicas, each call by another customer with another number, until the end."""
    over = threading.Event()

    def call(running: Running) -> None:
        with grpc.insecure_channel(running.address) as channel:
            stub = GRPCInferenceServiceStub(channel)
            for number in count():
                if over.is_set():
                    return
                with_number(stub, number)

    with ThreadPoolExecutor(len(fleet)) as threads:
        calls = [threads.submit(call, running) for running in fleet]
        try:
            yield
        finally:
            over.set()
        for one in calls:
            one.result(30)


def with_number(stub: GRPCInferenceServiceStub, number: int) -> None:
    request = inference.ModelInferRequest(
        model_name="p",
        inputs=[inference.ModelInferRequest.InferInputTensor(name="x", datatype="FP64", shape=[1])],
        raw_input_contents=[np.array([float(number % 100)]).tobytes()],
    )
    request.parameters["routing_key"].string_param = f"customer-{number}"
    try:
        stub.ModelInfer(request, timeout=30)
    except grpc.RpcError as error:
        assert error.code() is grpc.StatusCode.INTERNAL  # noqa: PT017 - the canary's own fault is the only one allowed


def judged(store: Store, fleet: list[Running]) -> Ended:
    """Run a judge to the end while shoppers call."""
    servers = ",".join(running.address for running in fleet)
    with ExitStack() as stack:
        stack.enter_context(shoppers(fleet))
        observed = stack.enter_context(Fleet(servers, "p", 10.0))
        judge = Judge(Plan("p", steps=(20, 50, 100), limits=LIMITS), store, observed.look, lambda _: None)
        return judge.run(partial(time.sleep, PAUSE))


def publish_canary(store: Store, folder: Path, name: str) -> int:
    manifest = python_bundle(folder, name)
    manifest.verdict.CopyFrom(Verdict(passed=True, champion_version=1))
    return store.publish("p", folder, manifest)


def test_a_good_canary_becomes_champion_and_previous_names_the_old_one(
    store: Store, fleet: list[Running], tmp_path: Path
) -> None:
    publish_canary(store, tmp_path / "good", "Doubler")
    ended = judged(store, fleet)
    assert ended.end is End.CHAMPION, ended.words
    routes = store.aliases("p").routes
    assert (set(routes[CHAMPION].weights), set(routes[PREVIOUS].weights)) == ({2}, {1})


def test_a_failing_canary_is_taken_back_with_the_reason_in_the_history(
    store: Store, fleet: list[Running], tmp_path: Path
) -> None:
    publish_canary(store, tmp_path / "bad", "RaisesForLarge")
    ended = judged(store, fleet)
    assert ended.end is End.TAKEN_BACK, ended.words
    with grpc.insecure_channel(fleet[0].address) as channel:
        history = RegistryServiceStub(channel).ListAliasHistory(pb.ListAliasHistoryRequest(model="p")).revisions
    newest, before = history[:2]
    assert (newest.author, dict(newest.routes[CHAMPION].weights)) == ("judge", {1: 100})
    assert "canary 2 taken back from 20 %: errors" in newest.reason
    assert dict(before.routes[CHAMPION].weights) == {1: 80, 2: 20}
