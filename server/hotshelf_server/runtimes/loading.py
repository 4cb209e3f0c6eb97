"""From a bundle's files and manifest to a servable."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from hotshelf_server.core.errors import BadBundle
from hotshelf_server.core.interfaces import Servable
from hotshelf_server.core.types import Signature, TensorSpec
from hotshelf_server.runtimes.libraries import require_same
from hotshelf_server.runtimes.policy import RuntimePolicy
from hotshelf_store import Manifest
from hotshelf_store import TensorSpec as TensorSpecMessage
from hotshelf_store.bundle import require_listed
from hotshelf_store.errors import InvalidBundle
from hotshelf_store.tensors import DTYPES

Load = Callable[[Path, Signature, Mapping[str, str], RuntimePolicy], Servable]
"""A runtime: loads the files of a folder, as its manifest's signature and options say, within a policy."""

RUNTIMES: Mapping[str, tuple[str, str]] = {
    "lightgbm": ("hotshelf_server.runtimes.lightgbm", "server"),
    "sklearn": ("hotshelf_server.runtimes.sklearn", "server"),
    "onnx": ("hotshelf_server.runtimes.onnx", "onnx"),
    "recommender": ("hotshelf_server.runtimes.recommender", "server"),
    "python": ("hotshelf_server.runtimes.python", "server"),
}
"""The module of each runtime, whose ``load`` is a `Load`, and the extra that brings what it imports.

A module's ``LIBRARIES``, where it has some, are the distributions whose version decides how a bundle answers.
"""


def prepare(manifest: Manifest) -> None:
    """Import the runtime that a manifest names. What can't be imported is for `load` to say."""
    with suppress(KeyError, ImportError):
        import_module(RUNTIMES[manifest.runtime][0])


def load(folder: Path, manifest: Manifest, policy: RuntimePolicy) -> Servable:
    """Load a bundle in the runtime that its manifest names.

    Raises `BadBundle` for an unknown runtime, a signature that can't be served or isn't the model's, bad files, or
    libraries of another major or minor version than made the bundle, unless the policy allows that.
    """
    if manifest.runtime not in RUNTIMES:
        raise BadBundle(f"runtime {manifest.runtime!r}: expected one of {', '.join(RUNTIMES)}")
    module, extra = RUNTIMES[manifest.runtime]
    try:
        runtime = import_module(module)
    except ModuleNotFoundError as error:
        raise BadBundle(
            f"runtime {manifest.runtime} needs {error.name}, which isn't installed: pip install 'hotshelf[{extra}]'"
        ) from error
    require_same(manifest.library_versions, getattr(runtime, "LIBRARIES", ()), allow_drift=policy.allow_library_drift)
    options = dict(manifest.runtime_options)
    _require_listed(manifest, options.get("file", getattr(runtime, "FILE", "")))
    loader: Load = runtime.load
    return loader(folder, signature_of(manifest), options, policy)


def signature_of(manifest: Manifest) -> Signature:
    """The manifest's signature, checked. Raises `BadBundle`."""
    said = manifest.signature
    return Signature(tuple(map(_spec, said.inputs)), tuple(map(_spec, said.outputs)))


def _require_listed(manifest: Manifest, file: str) -> None:
    # A manifest that is still being made has no files yet.
    if file and manifest.files:
        try:
            require_listed(manifest, file, "model file")
        except InvalidBundle as error:
            raise BadBundle(str(error)) from error


def _spec(said: TensorSpecMessage) -> TensorSpec:
    sizes = tuple(said.shape)
    if said.datatype not in DTYPES:
        raise BadBundle(f"tensor {said.name!r}: datatype {said.datatype!r}, expected one of {', '.join(DTYPES)}")
    if not said.name or any(size < -1 for size in sizes):
        raise BadBundle(f"tensor {said.name!r} with shape {list(sizes)}: expected a name, and sizes from -1 up")
    return TensorSpec(said.name, said.datatype, sizes, said.optional, tuple(said.categories))
