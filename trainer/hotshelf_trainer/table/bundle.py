"""The files of a version, proved in the runtime that will serve them."""

import json
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from hotshelf_server.runtimes import HotshelfError, RuntimePolicy, load
from hotshelf_server.runtimes.replay import answer
from hotshelf_store import Manifest, golden
from hotshelf_store.profile import TRAINING_FILE
from hotshelf_trainer.errors import ServingError
from hotshelf_trainer.foreign.errors import Unpublishable
from hotshelf_trainer.foreign.publish import Foreign
from hotshelf_trainer.foreign.publish import bundle as foreign_bundle
from hotshelf_trainer.recipes.table import GateLimits
from hotshelf_trainer.table.champion import Champion
from hotshelf_trainer.verdict import Check

TIMED_CALLS = 50


def write(foreign: Foreign, folder: Path, training: Mapping[str, Any]) -> Manifest:
    """Write a model's file and what is to be known of its training into a new folder; what the manifest says of it.

    Raises ``ServingError`` for a model that the runtime can't serve.
    """
    try:
        manifest = foreign_bundle(foreign, folder)
    except (Unpublishable, HotshelfError) as error:
        raise ServingError(f"the model was learned, but can't be served: {error}") from error
    (folder / TRAINING_FILE).write_text(json.dumps(training, indent=1, sort_keys=True), encoding="utf-8")
    return manifest


def checks(folder: Path, manifest: Manifest, champion: Champion[Any] | None, limits: GateLimits) -> tuple[Check, ...]:
    """Size, time of a call in the runtime, and whether the champion's callers can go on as they do."""
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    milliseconds = _milliseconds(folder, manifest)
    found = (
        Check("size", size <= limits.max_bytes, f"{size:,} bytes; at most {limits.max_bytes:,} expected"),
        Check(
            "time of one row",
            milliseconds <= limits.max_milliseconds,
            f"median {milliseconds:.2f} ms in the runtime; at most {limits.max_milliseconds:g} ms expected",
        ),
    )
    return found if champion is None else (*found, _compatible(manifest, champion))


def _milliseconds(folder: Path, manifest: Manifest) -> float:
    """Median time of the smallest golden request."""
    case = golden.read(folder / manifest.golden.path).cases[0]
    times = []
    with closing(load(folder, manifest, RuntimePolicy())) as servable:
        for _ in range(TIMED_CALLS):
            began = time.perf_counter()
            answer(servable, case)
            times.append(time.perf_counter() - began)
    return 1000 * median(times)


def _compatible(manifest: Manifest, champion: Champion[Any]) -> Check:
    """A request that the champion takes must be one that this version takes, and must get the outputs that it got."""
    before, now = champion.manifest.signature, manifest.signature
    known = {spec.name: spec.datatype for spec in before.inputs}
    given = {spec.name: spec.datatype for spec in now.outputs}
    broken = [
        f"input {spec.name!r} {spec.datatype} (the champion takes {known.get(spec.name, 'none of that name')})"
        for spec in now.inputs
        if known.get(spec.name) != spec.datatype and not spec.optional
    ]
    broken += [
        f"output {spec.name!r} {spec.datatype} is {given.get(spec.name, 'gone')}"
        for spec in before.outputs
        if given.get(spec.name) != spec.datatype
    ]
    name = f"takes and gives what champion version {champion.version} does"
    return Check(name, not broken, "; ".join(broken) or "same inputs and outputs")
