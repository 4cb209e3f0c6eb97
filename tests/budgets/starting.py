"""What a server imports before it does anything: modules, and opcodes that their bodies execute.

Bytecode may be compiled meanwhile, which executes none.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.budgets.opcodes import ENVIRONMENT
from tests.budgets.table import Measure

SECONDS = 120

OPCODES = """
from importlib import import_module
from tests.budgets import opcodes
print(opcodes.count(lambda: import_module(sys.argv[1])))
"""
MODULES = """
from importlib import import_module
before = set(sys.modules)
import_module(sys.argv[1])
print(len(set(sys.modules) - before))
"""


def of(script: str, module: str) -> int:
    """What a fresh interpreter counts while it imports a module."""
    path = os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path if entry)
    done = subprocess.run(
        [sys.executable, "-c", "import sys" + script, module],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=SECONDS,
    )
    return int(done.stdout)


def measures() -> Sequence[Measure]:
    """All of them."""
    processes = {"server": "app", "process of trial loads": "trial", "parent of workers": "workers.parent"}
    return [
        Measure(ENVIRONMENT, f"{counted} the {name}", partial(of, script, f"hotshelf_server.{module}"))
        for name, module in processes.items()
        for counted, script in (("modules imported by", MODULES), ("opcodes of importing", OPCODES))
    ]
