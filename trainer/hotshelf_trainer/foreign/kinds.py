"""What a path holds: which runtime serves it, and the name that the runtime gives the file."""

from pathlib import Path

from hotshelf_store.layout import MANIFEST
from hotshelf_trainer.foreign.errors import Unpublishable

FILES = {"lightgbm": "model.txt", "onnx": "model.onnx", "sklearn": "model.skops"}
"""Runtimes of a single file, and how it is called in a bundle."""

RUNTIMES = (*FILES, "python")
SUFFIXES = {".onnx": "onnx", ".skops": "sklearn"}
PICKLES = {".pkl", ".pickle", ".joblib", ".sav"}
LIGHTGBM_HEADER = b"tree\n"


def is_bundle(path: Path) -> bool:
    """Whether the path is a folder with a manifest."""
    return (path / MANIFEST).is_file()


def runtime_of(path: Path, said: str | None, entrypoint: str | None) -> str:
    """The runtime for a path: what was said, or what the path shows. Raises `Unpublishable`."""
    if not path.exists():
        raise Unpublishable(f"{path} does not exist; expected a model's file or folder")
    runtime = said or ("python" if entrypoint else recognised(path))
    if (runtime == "python") != bool(entrypoint):
        raise Unpublishable("--entrypoint module:Class goes with runtime python, and only with it")
    return runtime


def recognised(path: Path) -> str:
    """The runtime that a file's name or first bytes, or a folder's files, belong to. Raises `Unpublishable`."""
    if path.is_dir():
        found = [runtime for runtime, name in FILES.items() if (path / name).is_file()]
        if len(found) == 1:
            return found[0]
        raise Unpublishable(
            f"{path} is no bundle: expected {MANIFEST}, or one of {', '.join(FILES.values())}; "
            "for a Python class give --entrypoint module:Class"
        )
    if path.suffix in PICKLES:
        raise Unpublishable(f"{path} is a pickle, which can run any code when it is loaded; save it with skops.io.dump")
    if path.suffix in SUFFIXES:
        return SUFFIXES[path.suffix]
    with path.open("rb") as file:
        if file.read(len(LIGHTGBM_HEADER)) == LIGHTGBM_HEADER:
            return "lightgbm"
    raise Unpublishable(
        f"{path} is neither a LightGBM text model nor a .onnx or .skops file; say what it is with --runtime"
    )
