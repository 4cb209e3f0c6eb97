"""Profiles of columns, as bundles keep them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotshelf_store.errors import InvalidBundle
from hotshelf_store.profile import TRAINING_FILE, ColumnProfile, Profile, read_profile, stability_index

SIZE = ColumnProfile("number", 100, (1.0, 2.0), {"0": 0.5, "1": 0.3, "2": 0.2}, (0.5, 1.5))

shares = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 50), min_size=1).map(
    lambda counts: {name: count / sum(counts.values()) for name, count in counts.items()}
)


def test_a_profile_in_a_bundle_comes_back_as_it_was(tmp_path: Path) -> None:
    profile = Profile({"size": SIZE})
    (tmp_path / TRAINING_FILE).write_text(json.dumps({"profile": json.loads(profile.to_json()), "days": 3}))
    assert read_profile(tmp_path) == profile
    assert profile.in_short().columns["size"].sample == ()


@pytest.mark.parametrize("content", [None, "{}"])
def test_a_bundle_may_keep_none(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / TRAINING_FILE).write_text(content)
    assert read_profile(tmp_path) is None


@pytest.mark.parametrize("content", ["[]", "nonsense", '{"profile": []}', '{"profile": {"columns": {"a": {}}}}'])
def test_what_is_no_profile_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / TRAINING_FILE).write_text(content)
    with pytest.raises(InvalidBundle):
        read_profile(tmp_path)


@given(shares, shares, st.integers(1, 10_000))
def test_the_index_is_never_negative_and_zero_for_equal_shares(
    before: dict[str, float], now: dict[str, float], rows: int
) -> None:
    column = ColumnProfile("category", rows, (), before, ())
    assert stability_index(column, now, rows) >= 0
    assert stability_index(column, before, rows) == 0
