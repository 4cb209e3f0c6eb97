"""``hotshelf judge`` refuses what it can't use, and ends with a status that tells how the rollout ended."""

import argparse
from pathlib import Path

import pytest

from hotshelf_store import CHAMPION, Manifest, open_store
from hotshelf_trainer.judge.command import Judge

Capture = pytest.CaptureFixture[str]


def run(*words: str) -> int:
    command = Judge()
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(["m", "--server", "localhost:1", *words]))


@pytest.fixture
def store(tmp_path: Path) -> str:
    root = tmp_path / "store"
    root.mkdir()
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "model.txt").write_text("trees")
    for _ in range(2):
        open_store(root).publish("m", tmp_path / "bundle", Manifest())
    return str(root)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--steps", "50,5,100"], "expected growing shares from 1 to 100 such as 5,25,100, found '50,5,100'"),
        (["--steps", "5,50"], "expected growing shares"),
        (["--interval", "0"], "expected a number above 0, found '0'"),
        (["--min-calls", "0"], "expected a whole number above 0, found '0'"),
    ],
)
def test_a_mistake_is_wrong_usage(store: str, capsys: Capture, words: list[str], message: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        run("--store", store, *words)
    assert message in capsys.readouterr().err


def test_an_address_without_a_port_is_wrong_usage(store: str, capsys: Capture) -> None:
    assert run("--store", store, "--server", "fleet") == 2
    assert "expected host:port, found 'fleet'" in capsys.readouterr().err


def test_a_store_that_is_not_there_is_said(capsys: Capture, tmp_path: Path) -> None:
    assert run("--store", str(tmp_path / "absent")) == 1
    assert "absent" in capsys.readouterr().err


def test_a_canary_that_is_champion_is_done(store: str, capsys: Capture) -> None:
    assert run("--store", store, "--canary", "1") == 0
    assert "version 1 is champion already" in capsys.readouterr().out


def test_somebody_elses_split_is_left_alone(store: str, capsys: Capture) -> None:
    open_store(Path(store)).set_alias("m", CHAMPION, {1: 60, 2: 40}, force=True, reason="a look", author="me")
    assert run("--store", store) == 1
    assert "somebody else decides: me set champion to 1=60, 2=40 in revision 3: a look" in capsys.readouterr().err
