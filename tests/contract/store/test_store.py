"""What a store promises, on any backend."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hotshelf_store import CANDIDATE, CHAMPION, PREVIOUS, Check, Manifest, Store, Verdict, lead
from hotshelf_store.backend import Backend
from hotshelf_store.errors import (
    AliasConflict,
    InvalidBundle,
    InvalidName,
    InvalidText,
    ModelNotFound,
    NoPrevious,
    PromotionRefused,
    VersionInUse,
    VersionNotFound,
)
from hotshelf_store.store import ABANDONED_AFTER
from hotshelf_store.versions import Listed
from tests.fakes.clock import FakeClock


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    (folder / "deep").mkdir(parents=True)
    (folder / "model.txt").write_text("trees")
    (folder / "deep" / "array.npy").write_bytes(b"\x00\x01")
    return folder


def judged(*, passed: bool = True, against: int = 1) -> Manifest:
    checks = [Check(name="better", passed=passed, reason="0.31 against 0.30")]
    return Manifest(runtime="lightgbm", verdict=Verdict(passed=passed, champion_version=against, checks=checks))


def publish(store: Store, bundle: Path, times: int = 1, manifest: Manifest | None = None) -> list[int]:
    return [store.publish("m", bundle, manifest or Manifest(runtime="lightgbm")) for _ in range(times)]


def test_versions_count_from_one(store: Store, bundle: Path) -> None:
    assert publish(store, bundle, 3) == [1, 2, 3]
    assert [manifest.version for manifest in store.versions("m")] == [1, 2, 3]


def test_a_manifest_names_every_file_with_digest_and_size(store: Store, bundle: Path) -> None:
    publish(store, bundle)
    files = store.manifest("m", 1).files
    assert [(file.path, file.size_bytes) for file in files] == [("deep/array.npy", 2), ("model.txt", 5)]
    assert all(len(file.sha256) == 64 for file in files)


def test_published_files_can_be_read(store: Store, bundle: Path) -> None:
    publish(store, bundle)
    assert (store.files("m", 1) / "model.txt").read_text() == "trees"
    store.verify("m", 1)


def test_publishing_keeps_the_manifest_that_was_given(store: Store, bundle: Path, clock: FakeClock) -> None:
    given = judged()
    store.publish("m", bundle, given, author="trainer")
    kept = store.manifest("m", 1)
    assert (kept.runtime, kept.verdict, kept.author) == ("lightgbm", given.verdict, "trainer")
    assert kept.created_at.ToSeconds() == int(clock.now())
    assert given.version == 0


def test_concurrent_publishers_get_distinct_versions(store: Store, bundle: Path) -> None:
    got: list[int] = []
    threads = [threading.Thread(target=lambda: got.extend(publish(store, bundle))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(1, 9))
    assert lead(store.aliases("m"), CANDIDATE) == 8


def test_the_first_version_becomes_champion_and_each_becomes_candidate(store: Store, bundle: Path) -> None:
    publish(store, bundle, 2)
    aliases = store.aliases("m")
    assert (lead(aliases, CHAMPION), lead(aliases, CANDIDATE), lead(aliases, PREVIOUS)) == (1, 2, 0)


def test_a_first_version_that_its_gate_refused_is_no_champion_and_the_first_that_passes_is(
    store: Store, bundle: Path
) -> None:
    publish(store, bundle, manifest=judged(passed=False, against=0))
    assert lead(store.aliases("m"), CHAMPION) == 0
    assert lead(store.aliases("m"), CANDIDATE) == 1
    with pytest.raises(PromotionRefused, match="failed the gate"):
        store.promote("m", 1)
    publish(store, bundle, manifest=judged(against=0))
    assert lead(store.aliases("m"), CHAMPION) == 2


def test_a_passing_verdict_against_the_champion_lets_a_version_be_promoted(store: Store, bundle: Path) -> None:
    publish(store, bundle)
    publish(store, bundle, manifest=judged())
    aliases = store.promote("m", 2, author="me", reason="better")
    assert (lead(aliases, CHAMPION), lead(aliases, PREVIOUS)) == (2, 1)


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (Manifest(), "never judged"),
        (judged(passed=False), "failed the gate .*0.31 against 0.30"),
        (judged(against=7), "compared with version 7, but version 1 is champion"),
    ],
)
def test_without_such_a_verdict_it_is_refused(store: Store, bundle: Path, manifest: Manifest, words: str) -> None:
    publish(store, bundle)
    publish(store, bundle, manifest=manifest)
    with pytest.raises(PromotionRefused, match=words):
        store.promote("m", 2)
    assert lead(store.aliases("m"), CHAMPION) == 1


def test_force_overrules_the_gate_and_is_kept_in_the_log(store: Store, bundle: Path) -> None:
    publish(store, bundle, 2)
    store.promote("m", 2, author="me", reason="an emergency", force=True)
    newest = store.alias_history("m")[0]
    assert (newest.forced, newest.author, newest.reason) == (True, "me", "an emergency")


def test_force_needs_a_reason(store: Store, bundle: Path) -> None:
    publish(store, bundle, 2)
    with pytest.raises(PromotionRefused, match="needs a reason"):
        store.promote("m", 2, force=True)


def test_promoting_the_champion_changes_nothing(store: Store, bundle: Path) -> None:
    publish(store, bundle)
    before = store.aliases("m").revision
    assert store.promote("m", 1).revision == before


def test_rolling_back_swaps_champion_and_previous(store: Store, bundle: Path) -> None:
    publish(store, bundle, 2)
    store.promote("m", 2, reason="x", force=True)
    aliases = store.rollback("m", reason="worse after all")
    assert (lead(aliases, CHAMPION), lead(aliases, PREVIOUS)) == (1, 2)


def test_there_must_be_something_to_roll_back_to(store: Store, bundle: Path) -> None:
    publish(store, bundle)
    with pytest.raises(NoPrevious):
        store.rollback("m")


def test_the_alias_log_keeps_every_change_newest_first(store: Store, bundle: Path) -> None:
    publish(store, bundle, 2)
    store.set_alias("m", "canary", {1: 95, 2: 5}, author="me", reason="try")
    assert [entry.revision for entry in store.alias_history("m")] == [3, 2, 1]
    assert dict(store.aliases("m").routes["canary"].weights) == {1: 95, 2: 5}


def test_setting_an_alias_on_an_old_revision_conflicts(store: Store, bundle: Path) -> None:
    publish(store, bundle, 2)
    with pytest.raises(AliasConflict, match="revision 2, not 1"):
        store.set_alias("m", "canary", {1: 1}, expected_revision=1)


def test_an_alias_may_name_a_version_that_is_yet_to_come(store: Store, bundle: Path) -> None:
    publish(store, bundle)
    assert lead(store.set_alias("m", "next", {9: 1}), "next") == 9


def test_concurrent_alias_writers_all_leave_their_entry(store: Store, bundle: Path) -> None:
    publish(store, bundle)
    threads = [threading.Thread(target=store.set_alias, args=("m", f"a{n}", {1: 1})) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {f"a{n}" for n in range(8)} <= set(store.aliases("m").routes)
    assert [entry.revision for entry in store.alias_history("m")] == list(range(9, 0, -1))


def test_a_deleted_version_is_gone_but_its_number_stays_taken(store: Store, bundle: Path) -> None:
    publish(store, bundle, 2)
    publish(store, bundle)
    store.delete("m", 2, reason="no longer needed")
    with pytest.raises(VersionNotFound, match="deleted: no longer needed"):
        store.files("m", 2)
    assert [manifest.version for manifest in store.versions("m")] == [1, 3]
    assert publish(store, bundle) == [4]


def test_the_newest_number_is_not_reused_after_its_deletion(store: Store, bundle: Path) -> None:
    publish(store, bundle, 2)
    store.set_alias("m", CANDIDATE, {1: 1})
    store.delete("m", 2)
    assert publish(store, bundle) == [3]


def test_a_version_that_an_alias_names_is_not_deleted(store: Store, bundle: Path) -> None:
    publish(store, bundle, 2)
    with pytest.raises(VersionInUse, match="named by alias candidate"):
        store.delete("m", 2)
    store.verify("m", 2)


def test_no_alias_can_name_a_deleted_version(store: Store, bundle: Path) -> None:
    publish(store, bundle, 3)
    store.delete("m", 2)
    with pytest.raises(VersionNotFound, match="was deleted"):
        store.set_alias("m", "canary", {2: 1})


def test_retention_keeps_the_newest_and_what_aliases_name(store: Store, bundle: Path) -> None:
    publish(store, bundle, 6)
    store.set_alias("m", "canary", {3: 1})
    assert store.retain("m", 2) == [2, 4]
    assert [manifest.version for manifest in store.versions("m")] == [1, 3, 5, 6]


def test_collection_leaves_published_and_young_files_alone(store: Store, bundle: Path) -> None:
    publish(store, bundle)
    assert store.collect() == 0
    store.verify("m", 1)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "-x", "x" * 129, "ä", ".scratch", "a\n"])
def test_a_model_name_that_could_leave_the_store_is_refused(store: Store, bundle: Path, name: str) -> None:
    with pytest.raises(InvalidName, match="expected 1 to 128 characters"):
        store.publish(name, bundle, Manifest())


def test_an_unknown_model_is_named_with_those_that_are_there(store: Store, bundle: Path) -> None:
    publish(store, bundle)
    with pytest.raises(ModelNotFound, match="'other' is not in the store; it holds: m"):
        store.versions("other")


def test_an_unknown_version_is_named(store: Store, bundle: Path) -> None:
    publish(store, bundle)
    with pytest.raises(VersionNotFound, match="'m' has no version 9"):
        store.manifest("m", 9)


def test_a_bundle_without_files_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidBundle, match="holds 0 files"):
        store.publish("m", tmp_path / "empty", Manifest())
    with pytest.raises(ModelNotFound):
        store.versions("m")


def test_a_link_in_a_bundle_is_refused(store: Store, bundle: Path) -> None:
    (bundle / "link").symlink_to("/etc/passwd")
    with pytest.raises(InvalidBundle, match="only plain files"):
        publish(store, bundle)


def broken(backend: Backend, version: int) -> None:
    """Cut a manifest short, as a disk that was full does."""
    key = f"m/versions/{version}/manifest.json"
    backend.replace(key, backend.read(key)[:40])


def test_a_broken_manifest_hides_no_other_version(store: Store, backend: Backend, bundle: Path) -> None:
    publish(store, bundle, 3)
    broken(backend, 2)
    listed = store.survey("m")
    assert [one.manifest.version for one in listed] == [1, 2, 3]
    assert "m/versions/2/manifest.json is no manifest" in listed[1].problem
    assert (listed[0].problem, listed[2].problem) == ("", "")


def test_retention_leaves_alone_what_it_cannot_read(store: Store, backend: Backend, bundle: Path) -> None:
    publish(store, bundle, 5)
    broken(backend, 2)
    assert store.retain("m", 1) == [3, 4]
    assert [one.manifest.version for one in store.survey("m")] == [1, 2, 5]


def test_collection_leaves_a_model_alone_that_it_cannot_read(
    store: Store, backend: Backend, bundle: Path, clock: FakeClock
) -> None:
    publish(store, bundle, 2)
    broken(backend, 2)
    kept = len(backend.objects("m/files"))
    backend.create("n/files/abandoned/f", b"")
    clock.time = max(entry.modified for entry in backend.objects("n/files")) + 10 * ABANDONED_AFTER
    assert store.collect() == 1
    assert len(backend.objects("m/files")) == kept


def test_retention_leaves_to_another_what_that_deletes_or_names(
    store: Store, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, bundle, 6)
    survey = store.survey

    def meanwhile(model: str) -> Sequence[Listed]:
        found = survey(model)
        store.delete("m", 2)
        store.set_alias("m", "canary", {3: 1})
        return found

    monkeypatch.setattr(store, "survey", meanwhile)
    assert store.retain("m", 1) == [4, 5]


def test_a_file_that_changes_while_it_is_published_commits_nothing(
    store: Store, backend: Backend, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = backend.upload

    def changing(key: str, source: Path) -> None:
        source.write_text("other")
        upload(key, source)

    monkeypatch.setattr(backend, "upload", changing)
    with pytest.raises(InvalidBundle, match="changed while it was published"):
        publish(store, bundle)
    assert store.models() == []


def test_the_champion_must_exist_even_by_force(store: Store, bundle: Path) -> None:
    publish(store, bundle)
    with pytest.raises(VersionNotFound, match="no version 999"):
        store.set_alias("m", CHAMPION, {999: 100}, force=True, reason="an emergency")


@pytest.mark.parametrize("weights", [{}, {1: 0}, {1: 2**40}, {-1: 100}, {0: 100}, {2**64: 1}])
def test_a_route_that_is_none_is_refused(store: Store, bundle: Path, weights: dict[int, int]) -> None:
    publish(store, bundle)
    with pytest.raises(ValueError, match=r"weights .*: expected"):
        store.set_alias("m", "canary", weights)


def test_a_canary_needs_a_verdict_for_every_larger_share(store: Store, bundle: Path) -> None:
    publish(store, bundle, 2)
    store.set_alias("m", CHAMPION, {1: 95, 2: 5}, force=True, reason="try it")
    for weights in ({2: 100}, {1: 90, 2: 10}, {1: 9, 2: 1}):
        with pytest.raises(PromotionRefused, match=r"version 2 .* was never judged"):
            store.set_alias("m", CHAMPION, weights)
    store.set_alias("m", CHAMPION, {1: 97, 2: 3})
    assert lead(store.set_alias("m", CHAMPION, {1: 100}), CHAMPION) == 1


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"reason": "x" * 1_001}, "reason of 1001 characters: expected at most 1000"),
        ({"author": "x" * 201}, "author of 201 characters: expected at most 200"),
    ],
)
def test_the_alias_log_keeps_no_long_texts(store: Store, bundle: Path, texts: dict[str, Any], words: str) -> None:
    publish(store, bundle, 2)
    revision = store.aliases("m").revision
    with pytest.raises(InvalidText, match=words):
        store.set_alias("m", "canary", {1: 1}, **texts)
    with pytest.raises(InvalidText, match=words):
        store.promote("m", 2, force=True, **{"reason": "because", **texts})
    with pytest.raises(InvalidText, match=words):
        store.rollback("m", **texts)
    assert store.aliases("m").revision == revision


def test_an_author_that_the_log_refuses_publishes_nothing(store: Store, bundle: Path) -> None:
    with pytest.raises(InvalidText, match="author of 201 characters"):
        store.publish("m", bundle, Manifest(), author="x" * 201)
    assert store.models() == []
