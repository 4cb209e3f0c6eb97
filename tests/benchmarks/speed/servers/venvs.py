"""Environments of peers, each with its own libraries, made from PyPI when they are first needed."""

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.speed.servers.server import NotHere

SAME_AS_HERE = ("lightgbm", "scikit-learn")
"""Their models must be read, and computed by the same code."""
DONE = ".installed"
VERSION = re.compile("[=<>]")


@dataclass(frozen=True, slots=True)
class Venv:
    """An environment."""

    folder: Path
    distributions: Sequence[str]

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.folder / "bin" / "python")

    @property
    def packages(self) -> Path:
        """Where its libraries are."""
        return next((self.folder / "lib").glob("python3.*")) / "site-packages"

    def versions(self) -> Sequence[str]:
        """Such as ``mlserver 1.7.1``, of what it was made for."""
        code = "import sys, importlib.metadata as m\nfor n in sys.argv[1:]: print(n, m.version(n))"
        run = subprocess.run([self.python, "-c", code, *self.distributions], capture_output=True, text=True, check=True)
        return run.stdout.split("\n")[:-1]


@dataclass(frozen=True, slots=True)
class Venvs:
    """A folder of them."""

    folder: Path

    def made(self, name: str, requirements: Sequence[str]) -> Venv:
        """An environment with these requirements, and no more than once. Raises `NotHere`."""
        wanted = [pinned(one) for one in requirements]
        venv = Venv(self.folder / name, [VERSION.split(one)[0] for one in requirements])
        done = venv.folder / DONE
        if done.is_file() and done.read_text().split("\n") == wanted:
            return venv
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / f"{name}.log"
        with log.open("w") as file:
            commands = (
                [sys.executable, "-m", "venv", "--clear", str(venv.folder)],
                [venv.python, "-m", "pip", "install", "--disable-pip-version-check", *wanted],
            )
            for command in commands:
                if subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, check=False).returncode:
                    raise NotHere(f"its environment could not be made: see {log.name} beside it")
        done.write_text("\n".join(wanted))
        return venv


def pinned(requirement: str) -> str:
    """What must be the same as here is pinned to what is installed here."""
    return f"{requirement}=={version(requirement)}" if requirement in SAME_AS_HERE else requirement
