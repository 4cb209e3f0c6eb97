"""The demo removes nothing that it did not make."""

import argparse
from pathlib import Path

import pytest

from hotshelf_demo.command import Demo


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command = Demo()
    command.configure(parser)
    return command.run(parser.parse_args(arguments))


def test_folder_of_somebody_else_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    assert run("--data", "synthetic", "--out", str(tmp_path)) == 1
    assert f"{tmp_path} holds thesis.tex, which no demo made" in capsys.readouterr().err
    assert (tmp_path / "thesis.tex").exists()


def test_unknown_data_in_the_environment_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEMO_DATA", "sinthetic")
    assert run("--out", str(tmp_path / "out")) == 2
    assert "DEMO_DATA=sinthetic: expected one of completejourney, synthetic" in capsys.readouterr().err
