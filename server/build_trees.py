"""Compiles the tree engine's library, as a hook of the package's build, or at once: ``python server/build_trees.py``.

The compiler is ``$CC``, or cc, gcc, clang, or the one that the Python package ziglang carries. Without one the package
is built without the library, and the server scores by LightGBM's own engine (docs/decisions/0021). In a checkout the
library lies beside its source.
"""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = Path("server/hotshelf_server/runtimes/trees")
LIBRARY = PACKAGE / "_trees.so"
# Contraction would round otherwise than LightGBM does.
FLAGS = ("-O3", "-std=gnu11", "-fPIC", "-shared", "-fvisibility=default", "-ffp-contract=off")


def compiler() -> list[str]:
    """The command of a C compiler; empty where there is none."""
    if said := os.environ.get("CC"):
        return shlex.split(said)
    for name in ("cc", "gcc", "clang"):
        if found := shutil.which(name):
            return [found]
    # Which would compile for this very machine.
    return [sys.executable, "-m", "ziglang", "cc", "-mcpu=baseline"] if find_spec("ziglang") else []


def build(root: Path) -> str:
    """Compile the library of a checkout. Returns why there is none, or nothing."""
    command = compiler()
    library = root / LIBRARY
    library.unlink(missing_ok=True)  # one of other sources is worse than none
    if not command:
        return "no C compiler (looked for CC, cc, gcc, clang, ziglang)"
    sources = sorted(str(path) for path in (root / PACKAGE / "native").glob("*.c"))
    made = library.with_suffix(".making")  # put in place whole, since a server may be starting
    try:
        done = subprocess.run(
            [*command, *FLAGS, "-o", str(made), *sources],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{command[0]}: {error}"
    if done.returncode:
        made.unlink(missing_ok=True)
        return f"{command[0]} failed: {done.stderr[-2000:]}"
    made.replace(library)
    return ""


class TreesHook(BuildHookInterface[Any]):
    """Puts the library into the wheel, which is then of one platform but of every Python."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Compile; a wheel without the library is as good a package, only slower."""
        if self.target_name != "wheel":
            return
        if reason := build(Path(self.root)):
            self.app.display_warning(f"built without the tree engine: {reason}")
            return
        build_data["artifacts"].append(f"/{LIBRARY}")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"


if __name__ == "__main__":
    sys.exit(build(Path(__file__).resolve().parents[1]) or None)
