"""A real bundle of a recommender small enough to publish in a test."""

from pathlib import Path

from hotshelf_server.runtimes.recommender import state as states
from hotshelf_server.runtimes.recommender.tensors import SIGNATURE
from hotshelf_store import Manifest, Signature, Store, TensorSpec
from tests.unit.server.runtimes.recommender.small import END, small_rankers, small_state


def publish_recommender(store: Store, folder: Path, model: str = "shop") -> int:
    """Publish a recommender that knows customers ann and bob, and make it champion."""
    folder.mkdir(parents=True, exist_ok=True)
    states.save(small_state(), folder)
    small_rankers().save(folder)
    inputs, outputs = (
        [TensorSpec(name=one.name, datatype=one.datatype, shape=one.shape, optional=one.optional) for one in side]
        for side in (SIGNATURE.inputs, SIGNATURE.outputs)
    )
    manifest = Manifest(runtime="recommender", signature=Signature(inputs=inputs, outputs=outputs))
    manifest.data.end.FromSeconds(int(END))
    version = store.publish(model, folder, manifest)
    store.promote(model, version, reason="test", force=True)
    return version
