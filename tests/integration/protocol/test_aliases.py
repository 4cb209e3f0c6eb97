"""Versions by number and alias, split and sticky routes, shadows, and policies that go by numbers."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_store import Store, open_store
from tests.fakes.bundles import ROWS, prediction, publish_lightgbm
from tests.integration.conftest import Running, serving, wait_until
from tests.integration.protocol.conftest import publish_python
from tests.integration.protocol.speaking import Talk, arrays, ask, metric, rows

TREES = {1: 2, 2: 3, 3: 4}
"""Trees of each version of model toy."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("aliases")
    (folder / "store").mkdir()
    store = open_store(folder / "store")
    for version, trees in TREES.items():
        assert publish_lightgbm(store, folder / str(version), trees=trees) == version
    publish_lightgbm(store, folder / "same", "same")
    publish_lightgbm(store, folder / "same", "same")
    for _ in range(2):
        publish_python(store, folder / "slow", "slow")
    for _ in range(3):
        publish_lightgbm(store, folder / "three", "three")
    force: dict[str, Any] = {"force": True, "reason": "test"}
    store.set_alias("toy", "champion", {2: 1}, **force)
    store.set_alias("toy", "split", {1: 50, 3: 50}, **force)
    store.set_alias("toy", "shadow", {3: 1}, **force)
    store.set_alias("three", "champion", {2: 1}, **force)
    store.set_alias("same", "champion", {1: 1}, **force)
    store.set_alias("same", "shadow", {2: 1}, **force)
    store.set_alias("slow", "champion", {1: 1}, **force)
    store.set_alias("slow", "shadow", {2: 1}, **force)
    return folder


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Running]:
    with serving(store=folder / "store", allow_python=["tests.fakes"]) as running:
        with grpc.insecure_channel(running.address) as channel:
            stub = GRPCInferenceServiceStub(channel)
            for model, version in (("toy", "split"), ("toy", "3"), ("same", "2"), ("slow", "2")):
                wait_until(partial(ready, stub, model, version))
        yield running


@pytest.fixture
def routed(running: Running) -> Iterator[GRPCInferenceServiceStub]:
    with grpc.insecure_channel(running.address) as channel:
        yield GRPCInferenceServiceStub(channel)


def ready(stub: GRPCInferenceServiceStub, model: str, version: str) -> bool:
    try:
        return stub.ModelReady(pb.ModelReadyRequest(name=model, version=version)).ready
    except grpc.RpcError:
        return False


def copies(running: Running, model: str, outcome: str) -> float:
    return metric(running, "hotshelf_shadow_calls_total", model=model, outcome=outcome)


@pytest.mark.parametrize(("version", "answers"), [("", 2), ("champion", 2), ("1", 1), ("3", 3), ("shadow", 3)])
def test_a_version_is_called_by_number_by_alias_or_by_default(
    routed: GRPCInferenceServiceStub, version: str, answers: int
) -> None:
    response = routed.ModelInfer(ask("toy", rows(ROWS), version=version))
    assert response.model_version == str(answers)
    np.testing.assert_array_equal(arrays(response)["prediction"], prediction(TREES[answers]))


def test_a_split_alias_leads_to_each_of_its_versions_and_a_key_always_to_the_same(
    routed: GRPCInferenceServiceStub,
) -> None:
    def led(key: str, *, by_metadata: bool) -> str:
        request = ask("toy", rows(ROWS), version="split")
        if not by_metadata:
            request.parameters["routing_key"].string_param = key
        metadata = (("hotshelf-routing-key", key),) if by_metadata else None
        return routed.ModelInfer(request, metadata=metadata).model_version

    keys = [f"customer-{number}" for number in range(30)]
    by_parameter = {key: led(key, by_metadata=False) for key in keys}
    assert set(by_parameter.values()) == {"1", "3"}
    assert {key: led(key, by_metadata=False) for key in keys} == by_parameter
    assert {key: led(key, by_metadata=True) for key in keys} == by_parameter


def test_requests_of_one_stream_are_routed_each_by_its_own_key(routed: GRPCInferenceServiceStub) -> None:
    talk = Talk(routed)
    talk.say(*(ask("toy", rows(ROWS), version="split", routing_key=f"customer-{place % 10}") for place in range(20)))
    led = [one.infer_response.model_version for one in talk.rest()]
    assert led[:10] == led[10:]
    assert len(set(led)) == 2


@pytest.mark.parametrize(("model", "outcome"), [("toy", "different"), ("same", "same")])
def test_copies_for_a_shadow_are_compared_and_counted_and_never_returned(
    running: Running, routed: GRPCInferenceServiceStub, model: str, outcome: str
) -> None:
    before = copies(running, model, outcome)
    answers = Counter(routed.ModelInfer(ask(model, rows(ROWS))).model_version for _ in range(5))
    assert answers == {"2" if model == "toy" else "1": 5}
    wait_until(lambda: copies(running, model, outcome) == before + 5)


def test_a_call_that_names_a_version_is_not_copied(running: Running, routed: GRPCInferenceServiceStub) -> None:
    before = copies(running, "same", "same")
    routed.ModelInfer(ask("same", rows(ROWS), version="1"))
    routed.ModelInfer(ask("same", rows(ROWS)))
    wait_until(lambda: copies(running, "same", "same") == before + 1)


def test_a_slow_shadow_slows_no_caller(running: Running, routed: GRPCInferenceServiceStub, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    blocked = ask("slow", version="2", until=str(gate))
    held = routed.ModelInfer.future(blocked)
    wait_until(lambda: running.server.sampling().running == 1)
    answers = [routed.ModelInfer(ask("slow"), timeout=5) for _ in range(80)]
    assert {one.model_version for one in answers} == {"1"}
    assert copies(running, "slow", "dropped") > 0
    gate.touch()
    assert held.result(10).model_version == "2"
    wait_until(lambda: copies(running, "slow", "dropped") + copies(running, "slow", "same") == 80)


def test_version_policies_say_what_is_loaded_and_the_newest_stands_in_for_a_champion_that_is_not(folder: Path) -> None:
    cases: dict[str, tuple[object, list[str], str]] = {
        "toy": ({"latest": 1}, ["3"], "3"),
        "same": ("all", ["1", "2"], "1"),
        "three": ({"specific": [1, 3]}, ["1", "3"], "3"),
    }
    settings = {model: {"versions": policy} for model, (policy, _, _) in cases.items()}
    with (
        serving(store=folder / "store", model_settings=settings, allow_python=["tests.fakes"]) as running,
        grpc.insecure_channel(running.address) as channel,
    ):
        stub = GRPCInferenceServiceStub(channel)
        for model, (_, loaded, default) in cases.items():
            wait_until(partial(loads, stub, model, loaded))
            assert stub.ModelInfer(ask(model, rows(ROWS))).model_version == default


def loads(stub: GRPCInferenceServiceStub, model: str, versions: list[str]) -> bool:
    try:
        return list(stub.ModelMetadata(pb.ModelMetadataRequest(name=model)).versions) == versions
    except grpc.RpcError:
        return False


def test_an_alias_of_a_store_that_changes_is_followed(store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "1", trees=2)
    with serving(store=tmp_path / "store") as running, grpc.insecure_channel(running.address) as channel:
        stub = GRPCInferenceServiceStub(channel)
        store.set_alias("toy", "own", {1: 1})
        wait_until(lambda: ready(stub, "toy", "own"))
        assert stub.ModelInfer(ask("toy", rows(ROWS), version="own")).model_version == "1"
