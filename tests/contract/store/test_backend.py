"""What a store may rely on, of any backend."""

import threading
from pathlib import Path

import pytest

from hotshelf_store.backend import Backend
from hotshelf_store.errors import ObjectExists, ObjectNotFound


def test_what_is_created_can_be_read(backend: Backend) -> None:
    backend.create("m/versions/1/manifest.json", b"one")
    assert backend.read("m/versions/1/manifest.json") == b"one"


def test_a_key_is_created_once(backend: Backend) -> None:
    backend.create("m/a", b"one")
    with pytest.raises(ObjectExists):
        backend.create("m/a", b"two")
    assert backend.read("m/a") == b"one"


def test_of_creators_at_the_same_time_one_wins(backend: Backend) -> None:
    won: list[int] = []
    together = threading.Barrier(8)

    def race(number: int) -> None:
        together.wait()
        try:
            backend.create("m/prize", b"%d" % number)
            won.append(number)
        except ObjectExists:
            pass

    threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert backend.read("m/prize") == b"%d" % won[0]


def test_replacing_needs_no_object_and_overwrites_one(backend: Backend) -> None:
    backend.replace("m/a", b"one")
    backend.replace("m/a", b"two")
    assert backend.read("m/a") == b"two"


def test_an_absent_object_is_named(backend: Backend) -> None:
    with pytest.raises(ObjectNotFound, match="m/absent"):
        backend.read("m/absent")


def test_children_are_the_next_parts_of_the_keys(backend: Backend) -> None:
    for key in ("b/versions/2/manifest.json", "b/versions/10/manifest.json", "a/files/x/y.txt"):
        backend.create(key, b"")
    assert backend.children("") == ["a", "b"]
    assert backend.children("b/versions") == ["10", "2"]
    assert backend.children("nothing/here") == []


def test_objects_are_listed_with_their_sizes(backend: Backend) -> None:
    backend.create("m/files/i/deep/b", b"22")
    backend.create("m/files/i/a", b"1")
    backend.create("m/files/other/c", b"333")
    assert [(entry.key, entry.size) for entry in backend.objects("m/files/i")] == [
        ("m/files/i/a", 1),
        ("m/files/i/deep/b", 2),
    ]
    assert backend.objects("m/nothing") == []


def test_deleting_is_final_and_may_be_repeated(backend: Backend) -> None:
    backend.create("m/files/i/a", b"1")
    backend.delete("m/files/i/a")
    backend.delete("m/files/i/a")
    assert backend.children("m/files") == []


def test_a_directory_holds_the_uploaded_files(backend: Backend, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"content")
    backend.upload("m/files/i/deep/file", tmp_path / "source")
    assert (backend.directory("m/files/i") / "deep" / "file").read_bytes() == b"content"
    with pytest.raises(ObjectNotFound):
        backend.directory("m/files/absent")
