"""From a model's file to a version in the store: bundle, prove, publish."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from hotshelf_server.runtimes import BadBundle, HotshelfError, RuntimePolicy, load, replay
from hotshelf_server.runtimes.replay import answer
from hotshelf_store import Manifest, Store, golden
from hotshelf_store.bundle import read_manifest, verify_files
from hotshelf_trainer.foreign import goldens, signatures
from hotshelf_trainer.foreign.columns import Column, complete
from hotshelf_trainer.foreign.errors import Unpublishable
from hotshelf_trainer.foreign.kinds import FILES, is_bundle, runtime_of

LIBRARIES = {"lightgbm": ("lightgbm",), "onnx": ("onnxruntime",), "sklearn": ("scikit-learn", "skops")}


@dataclass(frozen=True, slots=True)
class Foreign:
    """A model that was trained elsewhere, and what its owner says of it.

    ``runtime`` None: as the path shows. ``signature`` None: as the model tells. ``golden`` None: made from the
    signature. ``skops_types``: types that skops may load beside the runtime's own list.
    ``allow_library_drift``: whether a ready bundle may be of other major or minor versions of its libraries than are
    installed here.
    """

    path: Path
    runtime: str | None = None
    entrypoint: str | None = None
    signature: Path | None = None
    golden: Path | None = None
    skops_types: tuple[str, ...] = ()
    allow_library_drift: bool = False
    description: str = ""


def publish(store: Store, name: str, foreign: Foreign, *, author: str) -> int:
    """Prove the model in the runtime that will serve it, publish it as the next version, and return the number.

    Raises `Unpublishable`, or what the runtime and the store raise.
    """
    with tempfile.TemporaryDirectory(prefix="hotshelf-") as scratch, _refusals():
        folder = Path(scratch) / "bundle"
        return store.publish(name, folder, bundle(foreign, folder), author=author)


def bundle(foreign: Foreign, folder: Path) -> Manifest:
    """Lay the files of a bundle into a new folder, prove them, and return the manifest."""
    policy = RuntimePolicy(
        python_modules=(foreign.entrypoint.partition(":")[0],) if foreign.entrypoint else (),
        skops_types=foreign.skops_types,
        allow_library_drift=foreign.allow_library_drift,
    )
    manifest = _ready(foreign, folder) if is_bundle(foreign.path) else _new(foreign, folder, policy)
    if manifest.HasField("golden"):
        _replay(folder, manifest, golden.read(folder / manifest.golden.path), policy)
        return manifest
    asked = (
        goldens.read(foreign.golden, manifest.signature, manifest.runtime)
        if foreign.golden
        else goldens.make(manifest.signature, manifest.runtime, _columns(manifest, folder, policy))
    )
    manifest.golden.CopyFrom(golden.write(folder, _answered(folder, manifest, asked, policy)))
    return manifest


def _ready(foreign: Foreign, folder: Path) -> Manifest:
    """A bundle as it is: its manifest says everything, so nothing else may."""
    said = {"--runtime": foreign.runtime, "--signature": foreign.signature}
    if contradicting := [option for option, value in said.items() if value]:
        raise Unpublishable(f"{foreign.path} is a bundle, whose manifest says it all; leave out {contradicting[0]}")
    manifest = read_manifest(foreign.path)
    if foreign.golden and manifest.HasField("golden"):
        raise Unpublishable(f"{foreign.path} is a bundle with golden requests of its own; leave out --golden")
    verify_files(foreign.path, manifest)
    shutil.copytree(foreign.path, folder)
    return manifest


def _new(foreign: Foreign, folder: Path, policy: RuntimePolicy) -> Manifest:
    runtime = runtime_of(foreign.path, foreign.runtime, foreign.entrypoint)
    if foreign.path.is_dir():
        shutil.copytree(foreign.path, folder)
    else:
        folder.mkdir()
        shutil.copyfile(foreign.path, folder / FILES.get(runtime, foreign.path.name))
    manifest = Manifest(
        runtime=runtime,
        runtime_options={"entrypoint": foreign.entrypoint} if foreign.entrypoint else {},
        library_versions={name: _version(name) for name in _libraries(runtime, folder)},
        description=foreign.description,
    )
    if foreign.signature:
        manifest.signature.CopyFrom(signatures.read(foreign.signature))
        complete(manifest.signature.inputs, _columns(manifest, folder, policy))
    else:
        manifest.signature.CopyFrom(signatures.derive(runtime, folder, policy))
    return manifest


def _columns(manifest: Manifest, folder: Path, policy: RuntimePolicy) -> list[Column]:
    """What the model tells of its columns; nothing where the signature must say it."""
    try:
        return signatures.columns(manifest.runtime, folder, policy)
    except Unpublishable:
        return []


def _libraries(runtime: str, folder: Path) -> Iterator[str]:
    """The libraries whose versions the runtime will look at, and the one that wrote the file."""
    yield from LIBRARIES.get(runtime, ())
    if runtime == "sklearn":
        from hotshelf_server.runtimes.sklearn import types_in  # noqa: PLC0415 - only what this model needs

        if any(name.startswith("lightgbm.") for name in types_in(folder / FILES[runtime])):
            yield "lightgbm"


def _answered(folder: Path, manifest: Manifest, asked: golden.Golden, policy: RuntimePolicy) -> golden.Golden:
    """The golden requests with the model's answers: given ones must agree, and a second asking must give the same."""
    with closing(load(folder, manifest, policy)) as servable:
        replay(servable, asked)
        answered = replace(asked, cases=tuple(replace(case, outputs=answer(servable, case)) for case in asked.cases))
        try:
            replay(servable, answered)
        except BadBundle as error:
            raise Unpublishable(
                f"the model doesn't answer the same request alike: {error}; "
                "allow a tolerance with --golden FILE, or make the model deterministic"
            ) from error
    return answered


def _replay(folder: Path, manifest: Manifest, recorded: golden.Golden, policy: RuntimePolicy) -> None:
    with closing(load(folder, manifest, policy)) as servable:
        replay(servable, recorded)


@contextmanager
def _refusals() -> Iterator[None]:
    """The runtime's refusals as ours."""
    try:
        yield
    except HotshelfError as error:
        raise Unpublishable(str(error)) from error


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"
