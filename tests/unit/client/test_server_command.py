"""A mistake on the command line gets a message and exit status 2, and no traceback."""

import argparse
from typing import Any

import pytest

from hotshelf_client.command import Promote, Recommend
from hotshelf_client.server_command import MISUSED, ServerCommand


def run(command: ServerCommand[Any], *words: str) -> int:
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(["--server", "localhost:1", *words]))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (Recommend(), ["m", "c", "-k", "-1"]),
        (Recommend(), ["m", "c", "-k", "99999999999"]),
        (Recommend(), ["m", "\udcff"]),
        (Promote(), ["m", "-1"]),
    ],
)
def test_what_no_request_can_hold_is_a_mistake_of_the_user(
    command: ServerCommand[Any], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command, *words) == MISUSED
    assert capsys.readouterr().err.startswith("hotshelf: ")


@pytest.mark.parametrize("timeout", ["-1", "0", "nan", "inf", "soon"])
def test_a_timeout_is_a_number_of_seconds(timeout: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(Recommend(), "m", "c", f"--timeout={timeout}")
    assert f"expected a number of seconds above 0, found '{timeout}'" in capsys.readouterr().err
