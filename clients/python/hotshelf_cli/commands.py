"""What a command is, and where commands come from: the entry-point group ``hotshelf.commands``.

A package adds a command in its metadata: the name that people type, and the class that runs it. ::

    [project.entry-points."hotshelf.commands"]
    serve = "hotshelf_server.command:Serve"
"""

import argparse
import ast
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

GROUP = "hotshelf.commands"


class Command(Protocol):
    """One command, made without arguments.

    ``help`` is one line, written as a plain string in the class's body: the list of commands reads it from the source,
    so that it need not import what the command needs.
    """

    help: str

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's arguments."""
        ...

    def run(self, args: argparse.Namespace) -> int:
        """Do it, and return the exit status; failures that a user can cause are reported on stderr in one line."""
        ...


def installed() -> dict[str, EntryPoint]:
    """Every registered command by name; nothing is imported."""
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def summary(entry: EntryPoint) -> str:
    """The command's ``help``, without importing its module; empty when the source doesn't tell."""
    try:
        spec = find_spec(entry.module)
        source = Path(spec.origin or "").read_text(encoding="utf-8") if spec else ""
    except (ImportError, OSError):
        return ""
    for part in ast.parse(source).body:
        if isinstance(part, ast.ClassDef) and part.name == entry.attr:
            return _help_of(part)
    return ""


def _help_of(part: ast.ClassDef) -> str:
    for line in part.body:
        match line:
            case (
                ast.Assign(targets=[ast.Name(id="help")], value=ast.Constant(value=str(text)))
                | ast.AnnAssign(target=ast.Name(id="help"), value=ast.Constant(value=str(text)))
            ):
                return text
    return ""


def missing(entry: EntryPoint, error: ModuleNotFoundError) -> str | None:
    """What to install when a command's dependency is absent; None when the absent module is our own, which is a bug.

    By rule the package ``hotshelf_x`` gets its dependencies from the extra ``x``.
    """
    absent = (error.name or "").partition(".")[0]
    if not absent or absent.startswith("hotshelf"):
        return None
    extra = entry.module.partition(".")[0].removeprefix("hotshelf_")
    offered = entry.dist.metadata.get_all("Provides-Extra") or [] if entry.dist else []
    target = f"'hotshelf[{extra}]'" if extra in offered else absent
    return f"hotshelf {entry.name} needs the package {absent!r}, which is not installed: pip install {target}"
