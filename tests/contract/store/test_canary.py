"""Champion's traffic moves to a canary in shares, and back, under the rules that a promotion has."""

from pathlib import Path

import pytest

from hotshelf_store import CANDIDATE, CHAMPION, PREVIOUS, Manifest, Store, Verdict
from hotshelf_store.errors import AliasConflict, InvalidWeights, NoPrevious, PromotionRefused


@pytest.fixture
def split(store: Store, tmp_path: Path) -> Store:
    """Version 1 is champion, version 2 passed against it, version 3 was never judged."""
    (tmp_path / "model.txt").write_text("trees")
    for manifest in (Manifest(), Manifest(verdict=Verdict(passed=True, champion_version=1)), Manifest()):
        store.publish("m", tmp_path, manifest)
    return store


def weights(store: Store, alias: str) -> dict[int, int]:
    routes = store.aliases("m").routes
    return dict(routes[alias].weights) if alias in routes else {}


@pytest.mark.parametrize("share", [5, 50, 75])
def test_a_canary_can_be_taken_back_from_any_share(split: Store, share: int) -> None:
    split.set_alias("m", CHAMPION, {1: 100 - share, 2: share})
    assert split.incumbent("m") == 1
    split.set_alias("m", CHAMPION, {1: 100})
    assert (weights(split, CHAMPION), weights(split, PREVIOUS)) == ({1: 100}, {})


@pytest.mark.parametrize("share", [5, 50, 75])
def test_previous_names_the_old_champion_alone_once_the_canary_has_all_traffic(split: Store, share: int) -> None:
    split.set_alias("m", CHAMPION, {1: 100 - share, 2: share})
    split.set_alias("m", CHAMPION, {2: 100})
    assert set(weights(split, PREVIOUS)) == {1}
    split.rollback("m")
    assert set(weights(split, CHAMPION)) == {1}


def test_rolling_back_during_a_split_takes_the_canary_back_and_leaves_previous_alone(split: Store) -> None:
    split.set_alias("m", CHAMPION, {2: 100})
    split.set_alias("m", CHAMPION, {2: 95, 3: 5}, force=True, reason="a look")
    split.rollback("m", reason="no")
    assert (weights(split, CHAMPION), weights(split, PREVIOUS)) == ({2: 100}, {1: 100})


def test_a_canary_older_than_the_champion_can_be_taken_back_too(split: Store, tmp_path: Path) -> None:
    split.set_alias("m", CHAMPION, {2: 100})
    split.set_alias("m", CHAMPION, {1: 50, 2: 50}, force=True, reason="look at the old one again")
    split.set_alias("m", CHAMPION, {2: 100})
    assert (weights(split, CHAMPION), weights(split, PREVIOUS)) == ({2: 100}, {1: 100})


def test_the_share_of_a_version_that_no_gate_passed_does_not_grow(split: Store) -> None:
    split.set_alias("m", CHAMPION, {1: 95, 3: 5}, force=True, reason="a look")
    with pytest.raises(PromotionRefused, match=r"version 3 .* was never judged"):
        split.set_alias("m", CHAMPION, {1: 90, 3: 10})


def test_aliases_but_champion_can_be_removed(split: Store) -> None:
    before = split.aliases("m").revision
    removed = split.remove_alias("m", CANDIDATE, author="me", reason="not now", expected_revision=before)
    assert (removed.revision, removed.author, list(removed.routes)) == (before + 1, "me", [CHAMPION])
    assert split.remove_alias("m", CANDIDATE).revision == before + 1
    with pytest.raises(InvalidWeights, match="expected at least one version"):
        split.remove_alias("m", CHAMPION)
    with pytest.raises(AliasConflict):
        split.remove_alias("m", CANDIDATE, expected_revision=before)


def test_without_previous_there_is_nothing_to_roll_back_to(split: Store) -> None:
    split.set_alias("m", CHAMPION, {2: 100})
    split.remove_alias("m", PREVIOUS)
    with pytest.raises(NoPrevious):
        split.rollback("m")
