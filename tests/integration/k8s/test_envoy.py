"""Envoy takes its configuration, spreads calls over servers, and loses none when one of them goes."""

import subprocess
import urllib.error
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import grpc
import numpy as np
import pytest

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_store import Store
from tests.fakes.bundles import publish_lightgbm
from tests.integration.conftest import Running, Serve, serving
from tests.integration.k8s.envoy import CONFIG, envoy, proxying
from tests.integration.protocol.speaking import ask, metric, rows

REQUEST = ask("toy", rows(np.ones((1, 3))))


def test_envoy_finds_its_configuration_valid() -> None:
    command = [envoy(), "--mode", "validate", "--config-path", str(CONFIG)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "deprecated" not in done.stderr.lower(), done.stderr


def at(servers: Sequence[Running]) -> list[tuple[str, int]]:
    """Where they listen."""
    return [("127.0.0.1", one.server.listener.port) for one in servers]


def test_calls_are_spread_and_outlive_a_server(serve: Serve, store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "toy")
    with ExitStack() as first:
        servers = [first.enter_context(serving(store=tmp_path / "store", drain_delay=0.2)), serve()]
        with proxying(tmp_path, at(servers)) as proxy, grpc.insecure_channel(f"127.0.0.1:{proxy.port}") as channel:
            stub = GRPCInferenceServiceStub(channel)
            for _ in range(200):
                stub.ModelInfer(REQUEST, timeout=10)
            before = [answered(one) for one in servers]
            assert sum(before) == 200
            assert min(before) > 50  # the less busy of two at random: the calls of one connection go to both
            futures = [stub.ModelInfer.future(REQUEST, timeout=10) for _ in range(50)]
            first.close()
            for _ in range(50):
                stub.ModelInfer(REQUEST, timeout=10)
            assert all(future.exception() is None for future in futures)
            assert answered(servers[1]) >= before[1] + 50


def answered(running: Running) -> float:
    """How many calls it has answered."""
    return metric(running, "hotshelf_calls_total", method="ModelInfer", code="OK") or 0


def test_only_what_it_should_show_of_the_admin_interface_is_shown(serve: Serve, store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "toy")
    with (
        proxying(tmp_path, at([serve(), serve()])) as proxy,
        pytest.raises(urllib.error.HTTPError, match="404"),
    ):
        proxy.get("/config_dump")
