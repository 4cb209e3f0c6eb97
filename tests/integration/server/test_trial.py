"""What a trial proves of a bundle is told, and the load behind it has no use for LightGBM."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hotshelf_server import trial
from hotshelf_server.runtimes import RuntimePolicy
from hotshelf_server.runtimes.recommender import RecommenderServable, state
from hotshelf_server.runtimes.recommender.ranker import MIXED_FILE, NEW_FILE
from hotshelf_server.runtimes.recommender.tensors import SIGNATURE
from hotshelf_server.runtimes.trees import Unsupported
from hotshelf_server.runtimes.trees.library import open_library
from hotshelf_store import Manifest, Signature, TensorSpec
from hotshelf_store.bundle import to_json, write_manifest
from hotshelf_store.golden import Golden, GoldenCase, write
from tests.fakes.bundles import lightgbm_bundle
from tests.unit.server.runtimes.recommender.small import small_rankers, small_state

LOAD = """
import json, sys
from pathlib import Path
from hotshelf_server.runtimes import RuntimePolicy, booster, load, replay
from hotshelf_store.bundle import read_manifest
from hotshelf_store.golden import read
folder = Path(sys.argv[1])
manifest = read_manifest(folder)
for proved in ((), tuple(json.loads(sys.argv[2]))):
    booster.preload.cache_clear()
    servable = load(folder, manifest, RuntimePolicy(engine="auto", proved=proved))
    replay(servable, read(folder / manifest.golden.path))
    print(booster.preload.cache_info().misses)
"""


def recommender_bundle(folder: Path) -> Manifest:
    folder.mkdir()
    state.save(small_state(), folder)
    small_rankers().save(folder)
    inputs = {"customer": np.array([b"ann"], dtype=object)}
    servable = RecommenderServable(small_state(), small_rankers())
    golden = Golden((GoldenCase(inputs, servable.predict(inputs, {}).outputs),))
    inputs_said, outputs_said = (
        [TensorSpec(name=one.name, datatype=one.datatype, shape=one.shape, optional=one.optional) for one in specs]
        for specs in (SIGNATURE.inputs, SIGNATURE.outputs)
    )
    return Manifest(
        runtime="recommender",
        signature=Signature(inputs=inputs_said, outputs=outputs_said),
        golden=write(folder, golden),
    )


@pytest.mark.parametrize(
    ("make", "files"),
    [(lightgbm_bundle, ["model.txt"]), (recommender_bundle, [MIXED_FILE, NEW_FILE])],
    ids=["lightgbm", "recommender"],
)
def test_what_a_trial_proved_is_loaded_without_lightgbm(
    tmp_path: Path, make: Callable[[Path], Manifest], files: list[str]
) -> None:
    try:
        open_library()
    except Unsupported as reason:
        pytest.skip(str(reason))
    folder = tmp_path / "bundle"
    manifest = to_json(write_manifest(folder, make(folder)))
    proved = trial.prove(folder, manifest, RuntimePolicy())
    assert proved == files
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder), json.dumps(proved)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == ["1", "0"], "LightGBM's library is loaded for a proof, and else for nothing"
