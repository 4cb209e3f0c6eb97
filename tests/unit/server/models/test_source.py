"""Sources emit the whole list of what is wanted."""

from pathlib import Path

import pytest

from hotshelf_server.core.model_settings import ModelSettings
from hotshelf_server.core.types import VersionId
from hotshelf_server.models.sources import FolderSource, JoinedSource, StoreSource
from hotshelf_store import Manifest, Store
from hotshelf_store.bundle import write_manifest
from hotshelf_store.errors import InvalidBundle, StoreUnavailable
from tests.fakes.memory_backend import MemoryBackend


def usual(model: str) -> ModelSettings:
    return ModelSettings()


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


@pytest.fixture
def store(backend: MemoryBackend) -> Store:
    return Store(backend)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "model.txt").write_text("trees")
    return folder


def test_a_store_wants_what_its_aliases_name(store: Store, bundle: Path) -> None:
    for _ in range(3):
        store.publish("m", bundle, Manifest())
    wanted = StoreSource(store, usual).poll().models["m"]
    assert wanted.versions == {1, 3}
    assert wanted.routes == {"champion": {1: 100}, "candidate": {3: 100}}


def test_a_store_that_is_gone_is_an_error_and_not_an_empty_list(store: Store, backend: MemoryBackend) -> None:
    backend.available = False
    with pytest.raises(StoreUnavailable):
        StoreSource(store, usual).poll()


def test_one_model_that_cannot_be_read_keeps_what_it_had(store: Store, backend: MemoryBackend, bundle: Path) -> None:
    store.publish("good", bundle, Manifest())
    store.publish("bad", bundle, Manifest())
    source = StoreSource(store, usual)
    before = source.poll().models
    backend.create("bad/aliases/2.json", b"{")
    store.publish("good", bundle, Manifest())
    emission = source.poll()
    assert emission.models["bad"] == before["bad"]
    assert emission.models["good"].versions == {1, 2}
    assert "bad/aliases/2.json" in emission.errors[0]


def test_a_model_that_has_vanished_keeps_what_it_had(store: Store, backend: MemoryBackend, bundle: Path) -> None:
    store.publish("m", bundle, Manifest())
    source = StoreSource(store, usual)
    before = source.poll().models
    for entry in backend.objects("m"):
        backend.delete(entry.key)
    emission = source.poll()
    assert emission.models == before
    assert emission.errors == ["m: it has vanished from the store"]


def test_aliases_that_did_not_change_are_not_read_again(
    store: Store, backend: MemoryBackend, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.publish("m", bundle, Manifest())
    source = StoreSource(store, usual)
    before = source.poll()
    reads: list[str] = []
    read = backend.read

    def noting(key: str) -> bytes:
        reads.append(key)
        return read(key)

    monkeypatch.setattr(backend, "read", noting)
    assert source.poll() == before
    assert reads == []
    store.set_alias("m", "canary", {1: 1})
    reads.clear()
    assert "canary" in source.poll().models["m"].routes
    assert reads == ["m/aliases/2.json"]


def test_a_folder_is_wanted_as_champion(bundle: Path) -> None:
    write_manifest(bundle, Manifest(runtime="lightgbm"))
    source = FolderSource({"m": bundle})
    assert source.poll().models["m"].routes == {"champion": {1: 100}}
    assert source.fetch(VersionId("m", 1)).folder == bundle


def test_a_folder_without_a_manifest_is_refused(bundle: Path) -> None:
    with pytest.raises(InvalidBundle, match=r"can't read manifest\.json"):
        FolderSource({"m": bundle})


def test_of_two_sources_the_first_is_heard(store: Store, bundle: Path) -> None:
    store.publish("m", bundle, Manifest())
    store.publish("n", bundle, Manifest())
    write_manifest(bundle, Manifest(version=7))
    joined = JoinedSource([FolderSource({"m": bundle}), StoreSource(store, usual)])
    assert {model: want.versions for model, want in joined.poll().models.items()} == {"m": {7}, "n": {1}}
    assert joined.fetch(VersionId("m", 7)).folder == bundle
