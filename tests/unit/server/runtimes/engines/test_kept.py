"""A choice is kept for what it was measured for, and no longer than there is room."""

import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest

from hotshelf_server.core.engines import Choice
from hotshelf_server.runtimes.engines.kept import Kept

INFINITY = float("inf")
CHOICE = Choice(
    ("a", "b", "b", "b"), "measured", {"a": (1.0, 2.0, 3.0, INFINITY), "b": (4.0, 3.0, 2.0, 1.0)}, ("c",), {"b": 1e-9}
)
KEY = {"bundle": "1", "cpu": "fast"}


def test_it_is_found_under_the_very_key() -> None:
    kept = Kept(None)
    kept.keep(KEY, CHOICE)
    assert kept.find(dict(reversed(KEY.items()))) == CHOICE
    assert kept.find({**KEY, "cpu": "slow"}) is None


def test_another_process_finds_it_in_the_folder(tmp_path: Path) -> None:
    Kept(tmp_path / "deep" / "er").keep(KEY, CHOICE)
    assert Kept(tmp_path / "deep" / "er").find(KEY) == CHOICE
    assert [path.suffix for path in (tmp_path / "deep" / "er").iterdir()] == [".json"]


def test_the_eldest_give_way(tmp_path: Path) -> None:
    kept = Kept(tmp_path, most=2)
    for number in range(3):
        before = set(tmp_path.iterdir())
        kept.keep({"bundle": str(number)}, CHOICE)
        for path in set(tmp_path.iterdir()) - before:
            os.utime(path, (number, number))
    assert len(list(tmp_path.iterdir())) == 2
    for one in (kept, Kept(tmp_path)):
        assert [one.find({"bundle": str(number)}) is None for number in range(3)] == [True, False, False]


def change(choice: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**choice, **changes}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda said: "no JSON",
        lambda said: "[]",
        lambda said: json.dumps({**said, "key": {"bundle": "2"}}),
        lambda said: json.dumps({"key": said["key"]}),
        lambda said: json.dumps({**said, "choice": change(said["choice"], engines=["a"])}),
        lambda said: json.dumps({**said, "choice": change(said["choice"], seconds={"a": ["fast"] * 4})}),
        lambda said: json.dumps({**said, "choice": change(said["choice"], seconds={"a": [float("nan")] * 4})}),
        lambda said: json.dumps({**said, "choice": change(said["choice"], seconds=[1.0])}),
        lambda said: json.dumps({**said, "choice": change(said["choice"], differences={"b": float("nan")})}),
        lambda said: json.dumps({**said, "choice": change(said["choice"], differences=None)}),
    ],
)
def test_a_file_that_says_something_else_is_none(tmp_path: Path, spoil: Any) -> None:
    Kept(tmp_path).keep(KEY, CHOICE)
    (file,) = tmp_path.iterdir()
    file.write_text(spoil(json.loads(file.read_text())))
    assert Kept(tmp_path).find(KEY) is None


def test_a_folder_that_is_none_costs_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    kept = Kept(tmp_path / "file")
    with caplog.at_level(logging.WARNING):
        kept.keep(KEY, CHOICE)
    assert "can't be kept in" in caplog.text
    assert kept.find(KEY) == CHOICE
