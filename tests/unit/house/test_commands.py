"""Every command that pyproject.toml registers is there, with a line of help and what a command needs."""

import tomllib
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from hotshelf_cli.commands import GROUP, summary

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
ENTRIES = PROJECT["project"]["entry-points"][GROUP]


@pytest.mark.parametrize("name", ENTRIES)
def test_registered_command_exists(name: str) -> None:
    entry = EntryPoint(name, ENTRIES[name], GROUP)
    command = getattr(import_module(entry.module), entry.attr)()
    assert summary(entry) == command.help
    assert command.help
    assert callable(command.configure)
    assert callable(command.run)
