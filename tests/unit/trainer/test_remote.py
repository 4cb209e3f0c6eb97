"""``hotshelf train --remote`` asks ``hotshelf trainings start``."""

import argparse
from importlib.metadata import EntryPoint

import pytest

from hotshelf_client.trainings_command import Trainings
from hotshelf_trainer.command import Train
from hotshelf_trainer.remote import GROUP, train_remotely, words


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    Train().configure(parser)
    return parser.parse_args(arguments)


def test_everything_that_was_given_is_handed_over() -> None:
    args = parsed(
        "r.yaml", "--remote=host:1", "--data=a.csv", "--products=p.csv", "--name=shop", "--until=2026-01-01",
        "--set=a=-1", "--set=b=2", "--author=-ann",
    )  # fmt: skip
    other = argparse.ArgumentParser()
    Trainings().configure(other)
    found = other.parse_args(words(args))
    assert found.trainings_command == "start"
    assert (found.server, str(found.recipe), found.data, found.products) == ("host:1", "r.yaml", "a.csv", "p.csv")
    assert (found.name, found.until, found.set, found.author) == ("shop", "2026-01-01", ["a=-1", "b=2"], "-ann")


def test_the_command_is_found_by_its_entry_point(capsys: pytest.CaptureFixture[str]) -> None:
    entry = EntryPoint("trainings", "hotshelf_client.trainings_command:Trainings", GROUP)
    assert train_remotely(parsed("absent.yaml", "--remote=localhost:1"), [entry]) == 2
    assert "absent.yaml" in capsys.readouterr().err


def test_a_missing_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert train_remotely(parsed("r.yaml", "--remote=localhost:1"), []) == 2
    assert "`hotshelf trainings`" in capsys.readouterr().err


def test_a_report_is_not_written_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert train_remotely(parsed("r.yaml", "--remote=localhost:1", "--report=here"), []) == 2
    assert "--report needs --store" in capsys.readouterr().err


@pytest.mark.parametrize("places", [(), ("--store=a", "--remote=b:1")])
def test_a_training_is_either_here_or_elsewhere(places: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        parsed("r.yaml", *places)
    assert "--remote" in capsys.readouterr().err
