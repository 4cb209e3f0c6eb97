"""One broken file of the store hides nothing else of it."""

from pathlib import Path
from typing import cast

import pytest

from hotshelf.registry.v1 import registry_pb2 as pb
from hotshelf_server.models.manager import Manager
from hotshelf_server.observability.records import Records
from hotshelf_server.observability.traffic import Traffic
from hotshelf_server.services.calls import Calls, Context
from hotshelf_server.services.registry import RegistryService
from hotshelf_server.services.replica import Replica
from hotshelf_server.services.watch import ModelWatch
from hotshelf_store import Manifest, Store
from tests.fakes.clock import FakeClock
from tests.fakes.memory_backend import MemoryBackend
from tests.fakes.models import FakeLoader, FakeSource

CONTEXT = cast("Context", None)


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


@pytest.fixture
def service(backend: MemoryBackend, tmp_path: Path) -> RegistryService:
    """A registry of two models, the first with three versions."""
    (tmp_path / "model.txt").write_text("trees")
    store = Store(backend)
    for model in ("m", "m", "m", "n"):
        store.publish(model, tmp_path, Manifest(runtime="lightgbm"))
    manager = Manager(FakeSource(), FakeLoader(), FakeClock(), poll_seconds=60, load_threads=1)
    replica = Replica(manager, store, "replica")
    return RegistryService(
        replica,
        store,
        Calls(Records(), FakeClock(), lambda: ()),
        watch=ModelWatch(replica.models),
        traffic=lambda model: ("replica", Traffic().snapshot(model)),
        refusing=lambda: False,
        writable=True,
        written=lambda: None,
    )


def test_a_broken_version_is_listed_as_failed_with_its_reason(service: RegistryService, backend: MemoryBackend) -> None:
    backend.replace("m/versions/2/manifest.json", b"{")
    versions = service.ListVersions(pb.ListVersionsRequest(model="m"), CONTEXT).versions
    assert [version.manifest.version for version in versions] == [3, 2, 1]
    states = [version.status.state for version in versions]
    assert states == [pb.VERSION_STATE_NOT_LOADED, pb.VERSION_STATE_FAILED, pb.VERSION_STATE_NOT_LOADED]
    assert versions[1].manifest == Manifest(model="m", version=2)
    assert "m/versions/2/manifest.json" in versions[1].status.reason


def test_a_model_with_broken_aliases_is_listed_without_them(service: RegistryService, backend: MemoryBackend) -> None:
    backend.create("m/aliases/4.json", b"{")
    broken, whole = service.ListModels(pb.ListModelsRequest(), CONTEXT).models
    assert (broken.name, broken.HasField("aliases")) == ("m", False)
    assert (whole.name, whole.aliases.revision) == ("n", 1)
    assert len(service.ListVersions(pb.ListVersionsRequest(model="m"), CONTEXT).versions) == 3
