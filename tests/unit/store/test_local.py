"""What is special about a store in a directory."""

import os
from pathlib import Path

import pytest

from hotshelf_store import Manifest, Store, open_store
from hotshelf_store.errors import CorruptFile, InvalidBundle, ModelNotFound, StoreUnavailable
from hotshelf_store.local import SCRATCH, LocalBackend
from hotshelf_store.store import ABANDONED_AFTER


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "model.txt").write_text("trees")
    return folder


def test_a_root_that_does_not_exist_is_an_error_and_not_an_empty_store(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="does not exist"):
        open_store(tmp_path / "typo")


def test_a_root_that_vanishes_is_an_error_too(root: Path) -> None:
    store = open_store(root)
    root.rmdir()
    with pytest.raises(StoreUnavailable):
        store.models()


def test_a_root_that_cannot_be_written_is_named(root: Path, bundle: Path) -> None:
    store = open_store(root)
    (root / "m").write_text("a file where a directory belongs")
    with pytest.raises(StoreUnavailable, match=str(root)):
        store.publish("m", bundle, Manifest())


def test_a_flipped_byte_is_refused_by_name_with_both_digests(root: Path, bundle: Path) -> None:
    store = open_store(root)
    store.publish("m", bundle, Manifest())
    expected = store.manifest("m", 1).files[0].sha256
    (store.files("m", 1) / "model.txt").write_text("treez")
    with pytest.raises(CorruptFile, match=rf"model.txt: expected sha256 {expected} \(5 bytes\), found [0-9a-f]{{64}}"):
        store.verify("m", 1)


def test_a_truncated_file_is_refused_with_both_sizes(root: Path, bundle: Path) -> None:
    store = open_store(root)
    store.publish("m", bundle, Manifest())
    (store.files("m", 1) / "model.txt").write_text("tre")
    with pytest.raises(CorruptFile, match=r"\(5 bytes\), found .* \(3 bytes\)"):
        store.verify("m", 1)


def test_a_missing_file_is_refused_by_name(root: Path, bundle: Path) -> None:
    store = open_store(root)
    store.publish("m", bundle, Manifest())
    (store.files("m", 1) / "model.txt").unlink()
    with pytest.raises(CorruptFile, match=r"model\.txt: missing"):
        store.verify("m", 1)


def test_what_a_dead_publisher_left_is_collected_after_a_day(root: Path, bundle: Path) -> None:
    store = Store(LocalBackend(root), now=lambda: 10 * ABANDONED_AFTER)
    store.publish("m", bundle, Manifest())
    left = [root / "m" / "files" / "deadbeef" / "model.txt", root / SCRATCH / "half", root / "n" / "files" / "i" / "f"]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
        os.utime(path, (ABANDONED_AFTER, ABANDONED_AFTER))
    young = root / "m" / "files" / "young" / "model.txt"
    young.parent.mkdir()
    young.write_text("a publisher is at work")
    os.utime(young, (10 * ABANDONED_AFTER - 60, 10 * ABANDONED_AFTER - 60))
    assert store.collect() == 3
    assert not any(path.exists() for path in left)
    assert young.exists()
    store.verify("m", 1)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format_version": 2}', '{"format_version": "x"}', "\x00"])
def test_a_manifest_that_cannot_be_read_is_named(root: Path, text: str) -> None:
    path = root / "m" / "versions" / "1" / "manifest.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(InvalidBundle, match=r"m/versions/1/manifest\.json"):
        open_store(root).manifest("m", 1)


def test_a_manifest_with_a_path_out_of_the_bundle_is_refused(root: Path) -> None:
    path = root / "m" / "versions" / "1" / "manifest.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"format_version": 1, "files": [{"path": "../../../etc/passwd"}]}')
    with pytest.raises(InvalidBundle, match="inside the bundle"):
        open_store(root).manifest("m", 1)


def test_strangers_in_the_store_are_overlooked(root: Path, bundle: Path) -> None:
    store = open_store(root)
    store.publish("m", bundle, Manifest())
    (root / "lost+found").mkdir()
    for stranger in ("007", "x", "-1", "1.5", "²"):
        (root / "m" / "versions" / stranger).mkdir()
    (root / "m" / "aliases" / "README").write_text("hello")
    assert store.models() == ["m"]
    assert [manifest.version for manifest in store.versions("m")] == [1]
    assert store.publish("m", bundle, Manifest()) == 2


def test_a_number_that_a_dead_publisher_left_is_no_version(root: Path, bundle: Path) -> None:
    store = open_store(root)
    (root / "m" / "versions" / "1").mkdir(parents=True)
    assert store.models() == []
    with pytest.raises(ModelNotFound):
        store.versions("m")
    assert store.publish("m", bundle, Manifest()) == 2
    assert store.models() == ["m"]


def test_a_directory_that_vanishes_under_a_writer_makes_the_store_unavailable(
    root: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = LocalBackend(root)
    prepare = backend._prepare

    def vanishing(key: str) -> Path:
        path = prepare(key)
        if not key.startswith(SCRATCH):
            path.parent.rmdir()
        return path

    monkeypatch.setattr(backend, "_prepare", vanishing)
    with pytest.raises(StoreUnavailable, match="No such file"):
        backend.create("m/versions/1/manifest.json", b"{}")
    with pytest.raises(StoreUnavailable, match="No such file"):
        backend.upload("m/files/i/f", bundle / "model.txt")
