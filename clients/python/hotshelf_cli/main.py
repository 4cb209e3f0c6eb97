"""Runs one command.

Exit status: 0 done; 1 it could not be done, stderr says why; 2 wrong usage; 3 not now: the server can't answer, or the
gate refused a version; 130 interrupted.
"""

import argparse
import difflib
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, version

from hotshelf_cli.commands import Command, installed, missing, summary

USAGE = "usage: hotshelf COMMAND [ARGUMENT ...]\n       hotshelf COMMAND --help"
EPILOGUE = """\
Exit status: 0 done; 1 it could not be done; 2 wrong usage; 3 not now: the server can't answer, or the gate refused."""


def main(arguments: Sequence[str] | None = None, commands: Mapping[str, EntryPoint] | None = None) -> int:
    """Run the command that the arguments name, and return its exit status. Default: the process's, all registered."""
    commands = installed() if commands is None else commands
    match list(sys.argv[1:] if arguments is None else arguments):
        case [] | ["-h" | "--help"]:
            print(listing(commands))
            return 0
        case ["--version"]:
            print(f"hotshelf {version('hotshelf')}")
            return 0
        case [name, *rest] if name in commands:
            return run(commands[name], rest)
        case [name, *_]:
            print(unknown(name, commands), file=sys.stderr)
            return 2
    raise AssertionError("a list is empty or has a first element")


def run(entry: EntryPoint, arguments: Sequence[str]) -> int:
    """Load one command and run it. A package that is not installed is reported with the extra that brings it."""
    try:
        command: Command = entry.load()()
        parser = argparse.ArgumentParser(prog=f"hotshelf {entry.name}", description=command.help)
        command.configure(parser)
        return command.run(parser.parse_args(arguments))
    except ModuleNotFoundError as error:
        if (advice := missing(entry, error)) is None:
            raise
        print(advice, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has left, as `head` does. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def listing(commands: Mapping[str, EntryPoint]) -> str:
    """What `hotshelf --help` shows."""
    width = max((len(name) for name in commands), default=0)
    lines = [f"  {name:{width}}  {summary(entry)}".rstrip() for name, entry in sorted(commands.items())]
    return "\n".join([USAGE, "", "Train, publish and serve models over gRPC.", "", "commands:", *lines, "", EPILOGUE])


def unknown(name: str, commands: Mapping[str, EntryPoint]) -> str:
    """Says that there is no such command, and what may have been meant."""
    close = difflib.get_close_matches(name, commands, n=1)
    hint = f"did you mean `{close[0]}`?" if close else "`hotshelf --help` lists the commands."
    return f"hotshelf: no command `{name}`; {hint}"
