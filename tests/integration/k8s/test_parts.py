"""What manifests count on is so, on real servers in this process."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from hotshelf.inference import open_inference_pb2
from hotshelf.recommend.v1 import recommend_pb2
from hotshelf.registry.v1 import registry_pb2 as pb
from hotshelf.registry.v1.registry_pb2_grpc import RegistryServiceStub
from hotshelf_store import Store
from hotshelf_trainer.jobs import health as trainer_health
from tests.fakes import hotshelf
from tests.fakes.bundles import publish_lightgbm
from tests.integration.conftest import Serve, wait_until
from tests.integration.k8s.kustomize import K8S
from tests.integration.k8s.rules.workloads import LIVE


def said(file: str) -> dict[str, Any]:
    """Settings of a file of the base, save where they lead."""
    settings = yaml.safe_load((K8S / "base" / file).read_text())
    return {name: value for name, value in settings.items() if name not in ("store", "drain_delay", "drain_seconds")}


@pytest.mark.parametrize("service", ["", LIVE])
def test_probes_are_answered(service: str, serve: Serve, store: Store, tmp_path: Path) -> None:
    publish_lightgbm(store, tmp_path / "toy")
    running = serve(**said("server/server.yaml"))
    with grpc.insecure_channel(running.address) as channel:
        status = HealthStub(channel).Check(HealthCheckRequest(service=service)).status
    assert status == HealthCheckResponse.SERVING


def test_the_trainer_s_probes_ask_for_the_same() -> None:
    assert {"", LIVE} <= trainer_health.SERVICES


def test_operators_promote_through_the_registry_and_not_through_the_fleet(
    serve: Serve, store: Store, tmp_path: Path
) -> None:
    publish_lightgbm(store, tmp_path / "first")
    publish_lightgbm(store, tmp_path / "second", trees=5)
    store.rollback("toy")
    fleet, registry = serve(**said("server/server.yaml")), serve(**said("registry/registry.yaml"))
    wish = pb.PromoteRequest(model="toy", version=2, force=True, reason="a look", author="me")
    with grpc.insecure_channel(fleet.address) as one, grpc.insecure_channel(registry.address) as other:
        fleet_s, registry_s = RegistryServiceStub(one), RegistryServiceStub(other)
        with pytest.raises(grpc.RpcError, match="read only"):
            fleet_s.Promote(wish)
        registry_s.Promote(wish)

        def champion() -> dict[int, int]:
            (model,) = fleet_s.ListModels(pb.ListModelsRequest()).models
            return dict(model.routes["champion"].weights)

        wait_until(lambda: champion() == {2: 100})
        (there,) = registry_s.ListModels(pb.ListModelsRequest()).models
        assert [version.state for version in there.versions if version.state == pb.VERSION_STATE_READY] == []


def test_the_gateway_s_route_names_services_that_are_served() -> None:
    served = [open_inference_pb2.DESCRIPTOR, recommend_pb2.DESCRIPTOR, health_pb2.DESCRIPTOR]
    known = {service.full_name for file in served for service in file.services_by_name.values()}
    route = yaml.safe_load((K8S / "components" / "gateway" / "route.yaml").read_text())
    named = {match["method"]["service"] for rule in route["spec"]["rules"] for match in rule["matches"]}
    assert named <= known
    assert {"inference.GRPCInferenceService", "grpc.health.v1.Health"} < named


def test_the_demo_s_load_counts_answers() -> None:
    command = [sys.executable, str(K8S / "components" / "demo" / "load.py")]
    with hotshelf.serving() as fake:
        arguments = [fake.address, "--seconds", "1", "--per-second", "20"]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stdout) == (0, "in all {'version 7': 20}\n")
        assert {request.customer for request in fake.requests} == {f"c{number}" for number in range(20)}


def test_the_demo_s_load_goes_on_without_a_model_and_then_says_so() -> None:
    command = [sys.executable, str(K8S / "components" / "demo" / "load.py")]
    with hotshelf.serving() as fake:
        fake.faults = [hotshelf.Fault(grpc.StatusCode.NOT_FOUND)] * 5
        arguments = [fake.address, "--seconds", "0.25", "--per-second", "20"]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "in all {'NotFound': 5}\n")
