"""Sources emit the whole list of what is wanted."""

from pathlib import Path

import pytest

from hotshelf_server.core.model_settings import Latest, ModelSettings, Specific, VersionPolicy
from hotshelf_server.core.types import VersionId
from hotshelf_server.models.routing import DEFAULT
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


def test_a_wish_knows_the_alias_revision_that_says_it_and_when_that_was_written(
    backend: MemoryBackend, bundle: Path
) -> None:
    times = iter((100.0, 100.0, 200.0, 200.0))
    store = Store(backend, lambda: next(times))
    source = StoreSource(store, usual)
    for revision, written_at in ((1, 100.0), (2, 200.0)):
        store.publish("m", bundle, Manifest())
        wanted = source.poll().models["m"]
        assert (wanted.revision, wanted.written_at) == (revision, written_at)


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


@pytest.mark.parametrize(
    ("policy", "versions", "default"),
    [
        pytest.param(Latest(latest=2), {2, 3}, {3: 100}, id="the newest, and calls go to the newest of them"),
        pytest.param(Latest(latest=9), {1, 2, 3}, None, id="the champion where it is among them"),
        pytest.param("all", {1, 2, 3}, None, id="all"),
        pytest.param(Specific(specific=(2,)), {2}, {2: 100}, id="by number"),
        pytest.param(Specific(specific=(2, 7)), {2, 7}, {7: 100}, id="by a number that is yet to come"),
    ],
)
def test_a_policy_may_go_by_number(
    store: Store, bundle: Path, policy: VersionPolicy, versions: set[int], default: dict[int, int] | None
) -> None:
    for _ in range(3):
        store.publish("m", bundle, Manifest())
    wanted = StoreSource(store, lambda _: ModelSettings(versions=policy)).poll().models["m"]
    assert wanted.versions == versions
    assert wanted.routes.get(DEFAULT) == default


def test_a_policy_by_number_hears_of_what_comes_and_goes(store: Store, bundle: Path) -> None:
    source = StoreSource(store, lambda _: ModelSettings(versions=Latest(latest=2)))
    for _ in range(3):
        store.publish("m", bundle, Manifest())
    assert source.poll().models["m"].versions == {2, 3}
    store.publish("m", bundle, Manifest())
    assert source.poll().models["m"].versions == {3, 4}
    store.delete("m", 3, author="test", reason="test")
    assert source.poll().models["m"].versions == {2, 4}


def test_a_policy_that_changes_holds_from_the_next_look_on(store: Store, bundle: Path) -> None:
    policies: list[VersionPolicy] = ["aliases"]
    source = StoreSource(store, lambda _: ModelSettings(versions=policies[0]))
    for _ in range(3):
        store.publish("m", bundle, Manifest())
    assert source.poll().models["m"].versions == {1, 3}
    policies[0] = "all"
    assert source.poll().models["m"].versions == {1, 2, 3}


def test_a_store_that_is_gone_keeps_no_folder_from_being_served(
    store: Store, backend: MemoryBackend, bundle: Path
) -> None:
    store.publish("stored", bundle, Manifest())
    write_manifest(bundle, Manifest())
    backend.available = False
    joined = JoinedSource([FolderSource({"folder": bundle}), StoreSource(store, usual)])
    first = joined.poll()
    assert (set(first.models), first.complete, len(first.errors)) == ({"folder"}, False, 1)
    backend.available = True
    second = joined.poll()
    assert (set(second.models), second.complete) == ({"folder", "stored"}, True)
    backend.available = False
    third = joined.poll()
    assert (set(third.models), third.complete) == ({"folder", "stored"}, True)
    with pytest.raises(StoreUnavailable):
        JoinedSource([StoreSource(store, usual)]).poll()
