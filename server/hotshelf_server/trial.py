"""The process whose forks are the trial loads: ``python -m hotshelf_server.trial SOCKET``, run by `models.trial`."""

import json
import resource
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from hotshelf_server.core.errors import GoldenMismatch, HotshelfError
from hotshelf_server.core.forking import serve_forks
from hotshelf_server.core.interfaces import Proving
from hotshelf_server.core.processes import GOLDEN_EXIT, die_with_parent
from hotshelf_server.runtimes import RuntimePolicy, booster, load, replay
from hotshelf_store import StoreError
from hotshelf_store.bundle import manifest_from_json
from hotshelf_store.golden import read


def main() -> int:
    """Read the task, load the bundle, replay its golden requests; say what is wrong with it."""
    die_with_parent()
    task = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (task["memory_bytes"], task["memory_bytes"]))
    policy = RuntimePolicy(**{**task["policy"], "python_modules": tuple(task["policy"]["python_modules"])})
    before = _peak()
    try:
        proved = prove(Path(task["folder"]), json.dumps(task["manifest"]).encode(), policy)
    except (HotshelfError, StoreError) as error:
        print(error)
        return GOLDEN_EXIT if isinstance(error, GoldenMismatch) else 1
    except MemoryError:
        print(f"trial load needs more than {task['memory_bytes']} bytes of memory")
        return 1
    print(json.dumps({"memory_bytes": max(0, _peak() - before), "proved": proved}))
    return 0


def warm_up() -> None:
    """Import what most trials need, so that not each of them has to."""
    with suppress(ImportError, OSError):  # a trial that needs it will say so
        import_module("hotshelf_server.runtimes.lightgbm")
        booster.preload()


def _peak() -> int:
    """The most memory that this process and its children have held so far, in bytes."""
    return 1024 * sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def prove(folder: Path, manifest_json: bytes, policy: RuntimePolicy) -> Sequence[str]:
    """The files of which the load has proved something.

    Raises `HotshelfError` or `StoreError` for a bundle that can't be served.
    """
    manifest = manifest_from_json(manifest_json, "manifest")
    servable = load(folder, manifest, policy)
    try:
        if manifest.HasField("golden"):
            replay(servable, read(folder / manifest.golden.path))
        return list(servable.proved) if isinstance(servable, Proving) else []
    finally:
        servable.close()


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as control:
        warm_up()
        serve_forks(control, main)
