"""The command line finds commands without importing them, and says what is missing."""

import argparse
import sys
import tomllib
from importlib.metadata import EntryPoint, PathDistribution
from pathlib import Path

import pytest

from hotshelf_cli.commands import GROUP, summary
from hotshelf_cli.main import main

ROOT = Path(__file__).parents[3]


class Greet:
    """A command."""

    help = "greet somebody"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--status", type=int, default=0)

    def run(self, args: argparse.Namespace) -> int:
        if args.name == "nobody":
            raise KeyboardInterrupt
        print(f"hello {args.name}")
        return int(args.status)


COMMANDS = {"greet": EntryPoint("greet", f"{__name__}:Greet", GROUP)}


def distribution(folder: Path, module: str, source: str) -> dict[str, EntryPoint]:
    """A distribution with an extra `broken`, whose one command is the class Broken of a module with that source."""
    (folder / f"{module}.py").write_text(source)
    info = folder / "hotshelf-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.4\nName: hotshelf\nVersion: 1\nProvides-Extra: broken\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\nbroken = {module}:Broken\n")
    return {entry.name: entry for entry in PathDistribution(info).entry_points}


def test_command_runs_with_its_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["greet", "you", "--status", "1"], COMMANDS) == 1
    assert capsys.readouterr().out == "hello you\n"


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_help_lists_every_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments, COMMANDS) == 0
    assert "  greet  greet somebody" in capsys.readouterr().out


def test_unknown_command_suggests_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gret"], COMMANDS) == 2
    assert capsys.readouterr().err == "hotshelf: no command `gret`; did you mean `greet`?\n"


def test_wrong_usage_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["greet"], COMMANDS)
    assert ended.value.code == 2
    assert "hotshelf greet: error: the following arguments are required: name" in capsys.readouterr().err


def test_interruption_is_status_130() -> None:
    assert main(["greet", "nobody"], COMMANDS) == 130


def test_missing_package_is_told_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    source = "import absent_package.part\nclass Broken:\n    help = 'never works'\n"
    commands = distribution(tmp_path, "hotshelf_broken", source)
    assert main(["--help"], commands) == 0
    assert "broken  never works" in capsys.readouterr().out
    assert main(["broken"], commands) == 1
    assert capsys.readouterr().err == (
        "hotshelf broken needs the package 'absent_package', which is not installed: pip install 'hotshelf[broken]'\n"
    )


def test_package_that_no_extra_brings_is_told_by_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    commands = distribution(tmp_path, "another_package", "import absent_package")
    assert main(["broken"], commands) == 1
    assert capsys.readouterr().err.endswith("not installed: pip install absent_package\n")


def test_missing_module_of_our_own_is_no_installation_problem() -> None:
    with pytest.raises(ModuleNotFoundError, match="hotshelf_absent"):
        main(["gone"], {"gone": EntryPoint("gone", "hotshelf_absent.command:Gone", GROUP)})


def test_listing_imports_no_command() -> None:
    summary(EntryPoint("serve", "hotshelf_client.answers:Absent", GROUP))
    before = set(sys.modules)
    entries = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"][GROUP]
    for name, value in entries.items():
        summary(EntryPoint(name, value, GROUP))
    assert {module for module in set(sys.modules) - before if module.endswith(".command")} == set()
