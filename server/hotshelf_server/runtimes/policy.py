"""What an operator lets bundles do on this server. A bundle never widens it."""

from dataclasses import dataclass
from typing import Literal

from hotshelf_server.core.engines import Engine


@dataclass(frozen=True, slots=True)
class RuntimePolicy:
    """Limits and permissions of all runtimes.

    ``python_modules``: modules (with what lies below them) whose classes the python runtime may run.
    ``skops_types``: types that skops may load beside the built-in list, as it prints them.
    ``threads``: threads that one call of a model may use.
    ``call_seconds``: time after which a worker process of the python runtime is killed in the middle of a call.
    ``load_seconds``: the same while it loads.
    ``worker_memory_bytes``: address space of such a process, beyond which it is ended and started anew.
    ``allow_library_drift``: whether a bundle may be of another major or minor version of a library than runs here.
    ``tree_engine``: what scores LightGBM models: "auto", the tree engine where its answers are the same to the last
    bit, or "lightgbm", always LightGBM's own.
    ``engine``: the same for all models that have several engines: "own" or "library", or "auto", by which they
    are compared once the version serves, and the fastest computes.
    ``proved``: files of which a load in another process of this machine has proved what this runtime would prove.
    ``engine_tolerance``: under "auto", how far an engine's answers may be from the library's; None: by no bit, and
    onnxruntime takes no part.
    """

    python_modules: tuple[str, ...] = ()
    skops_types: tuple[str, ...] = ()
    threads: int = 1
    call_seconds: float = 30.0
    load_seconds: float = 120.0
    worker_memory_bytes: int = 16 << 30
    allow_library_drift: bool = False
    tree_engine: Literal["auto", "lightgbm"] = "auto"
    engine: Engine = "own"
    proved: tuple[str, ...] = ()
    engine_tolerance: float | None = None
