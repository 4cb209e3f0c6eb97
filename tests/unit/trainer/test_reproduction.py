"""A version can be trained again from what its lineage tells."""

import argparse
from pathlib import Path

import pytest

from hotshelf_store import open_store
from hotshelf_trainer.command import Train
from hotshelf_trainer.progress import Silent
from hotshelf_trainer.tabular.pipeline import train
from tests.unit.trainer.tabular.tables import recipe_of, table


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A store with version 1 of ``made``, learned from ``table.parquet`` beside it."""
    table().write_parquet(tmp_path / "table.parquet")
    root = tmp_path / "store"
    root.mkdir()
    recipe = recipe_of("regression", data={"path": str(tmp_path / "table.parquet")})
    train(recipe, open_store(root), "made", Silent())
    return root


def reproduced(root: Path, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    Train().configure(parser)
    return Train().run(parser.parse_args(["--store", str(root), "--reproduce", *arguments]))


def test_the_files_come_out_the_same_and_nothing_is_published(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reproduced(root, "made", "1") == 0
    said = capsys.readouterr().err
    assert "same bytes model.txt" in said
    assert "made version 1 reproduced, byte for byte" in said
    assert open_store(root).numbers("made") == [1]


def test_data_that_are_no_longer_the_same_are_named(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table(seed=2).write_parquet(root.parent / "table.parquet")
    assert reproduced(root, "made", "1") == 2
    assert "the data are not those of made version 1" in capsys.readouterr().err
    table().write_parquet(root.parent / "kept.parquet")
    assert reproduced(root, "made", "1", "--data", str(root.parent / "kept.parquet")) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("made", "one"), "expected a version's number"),
        (("made", "7"), "'made' has no version 7"),
        (("made", "1", "--set", "seed=3"), "leave out --set"),
    ],
)
def test_what_cannot_be_reproduced_is_named(
    root: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert reproduced(root, *arguments) == 2
    assert words in capsys.readouterr().err
