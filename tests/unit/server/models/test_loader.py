"""Nothing takes traffic without having been checked, and what could not be checked is told."""

import logging
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from hotshelf_server.core.background import in_a_hurry
from hotshelf_server.core.busy import Busy
from hotshelf_server.core.errors import BadBundle
from hotshelf_server.core.interfaces import Servable
from hotshelf_server.core.types import VersionId
from hotshelf_server.models.loader import Loader
from hotshelf_server.models.source import Bundle, Emission
from hotshelf_server.models.trial import Tried
from hotshelf_server.runtimes import RuntimePolicy, load, replay
from hotshelf_store import Manifest
from hotshelf_store.bundle import write_manifest
from hotshelf_store.errors import InvalidBundle
from hotshelf_store.golden import Golden
from tests.fakes.bundles import lightgbm_bundle

Change = Callable[[Manifest], None]


class OneBundle:
    """A source of one bundle."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    def poll(self) -> Emission:
        raise AssertionError("nobody asks what is wanted")

    def fetch(self, version: VersionId) -> Bundle:
        return self.bundle


def _load(_: VersionId, bundle: Bundle, __: Tried) -> Servable:
    return load(bundle.folder, bundle.manifest, RuntimePolicy())


def loaded(folder: Path, change: Change) -> Servable:
    """The small bundle, loaded after a change of its complete manifest."""
    manifest = write_manifest(folder, lightgbm_bundle(folder))
    change(manifest)
    source = OneBundle(Bundle(folder, manifest))
    loader = Loader(source, lambda _: Tried(), _load, replay)
    return loader(VersionId("m", 3)).servable


def test_a_version_without_golden_requests_is_loaded_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        loaded(tmp_path, lambda manifest: manifest.ClearField("golden")).close()
    assert "model m version 3 has no golden requests" in caplog.text


def test_golden_requests_that_the_manifest_has_no_digest_of_are_refused(tmp_path: Path) -> None:
    def unlist(manifest: Manifest) -> None:
        manifest.files.remove(next(file for file in manifest.files if file.path == manifest.golden.path))

    with pytest.raises(InvalidBundle, match=r"golden file 'golden\.binpb' is not among the manifest's files"):
        loaded(tmp_path, unlist)


@pytest.mark.parametrize("file", ["other.txt", "../model.txt", "/etc/passwd"])
def test_a_model_file_that_the_manifest_has_no_digest_of_is_refused(tmp_path: Path, file: str) -> None:
    (tmp_path / "bundle").mkdir()
    with pytest.raises(BadBundle, match=rf"model file '{file}' is not among the manifest's files"):
        loaded(tmp_path / "bundle", lambda manifest: manifest.runtime_options.update({"file": file}))


def test_the_usual_model_file_needs_its_digest_too(tmp_path: Path) -> None:
    def unlist(manifest: Manifest) -> None:
        manifest.files.remove(next(file for file in manifest.files if file.path == "model.txt"))

    with pytest.raises(BadBundle, match=r"model file 'model\.txt' is not among"):
        loaded(tmp_path, unlist)


def test_a_bundle_is_tried_once_as_long_as_its_manifest_is_the_same(tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, lightgbm_bundle(tmp_path))
    tried: list[str] = []

    def trial(bundle: Bundle) -> Tried:
        tried.append(bundle.manifest.description)
        return Tried(7, ("model.txt",))

    source = OneBundle(Bundle(tmp_path, manifest))
    given: list[Tried] = []

    def load_here(version: VersionId, bundle: Bundle, found: Tried) -> Servable:
        given.append(found)
        return _load(version, bundle, found)

    loader = Loader(source, trial, load_here, replay)
    assert [loader(VersionId("m", 3)).memory_bytes for _ in range(3)] == [7, 7, 7]
    manifest.description = "another"
    loader(VersionId("m", 3))
    assert tried == ["", "another"]
    assert given == [Tried(7, ("model.txt",))] * 4, "what a trial proved is known to every load"


@pytest.mark.parametrize("good", [True, False])
def test_a_load_is_known_to_be_under_way(tmp_path: Path, *, good: bool) -> None:
    manifest = write_manifest(tmp_path, lightgbm_bundle(tmp_path))
    loading, seen = Busy(), []

    def trial(_: Bundle) -> Tried:
        seen.append(loading())
        if not good:
            raise BadBundle("bad")
        return Tried()

    loader = Loader(OneBundle(Bundle(tmp_path, manifest)), trial, _load, replay, loading=loading)
    with nullcontext() if good else pytest.raises(BadBundle):
        loader(VersionId("m", 3)).servable.close()
    assert [*seen, loading()] == [True, False]


def test_what_has_proved_itself_is_told_of_with_its_golden_requests(tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, lightgbm_bundle(tmp_path))
    told: list[tuple[VersionId, int]] = []

    def proved(version: VersionId, servable: Servable, manifest: Manifest, golden: Golden | None) -> None:
        told.append((version, len(golden.cases) if golden else 0))

    source = OneBundle(Bundle(tmp_path, manifest))
    Loader(source, lambda _: Tried(), _load, replay, proved)(VersionId("m", 3)).servable.close()
    assert told == [(VersionId("m", 3), 1)]


@pytest.mark.parametrize("hurry", [True, False])
def test_what_a_load_needs_is_imported_beside_the_trial_where_callers_wait_for_the_start(
    tmp_path: Path, *, hurry: bool
) -> None:
    manifest = write_manifest(tmp_path, lightgbm_bundle(tmp_path))
    prepared, begun = threading.Event(), []

    def trial(_: Bundle) -> Tried:
        begun.append(prepared.wait(10 if hurry else 0))
        return Tried()

    source = OneBundle(Bundle(tmp_path, manifest))
    loader = Loader(source, trial, _load, replay, prepare=lambda _: prepared.set())
    with in_a_hurry() if hurry else nullcontext():
        loader(VersionId("m", 3)).servable.close()
    assert begun == [hurry]
