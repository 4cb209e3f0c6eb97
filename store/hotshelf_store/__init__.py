"""What a model version is on disk, and which versions take traffic."""

from hotshelf.bundle.v1.manifest_pb2 import (
    Check,
    DataSummary,
    File,
    GoldenSummary,
    Lineage,
    Manifest,
    Metric,
    Signature,
    TensorSpec,
    Verdict,
)
from hotshelf.registry.v1.alias_pb2 import AliasRevision, Change, Route
from hotshelf_store.aliases import CANDIDATE, CHAMPION, PREVIOUS, lead, named
from hotshelf_store.errors import StoreError
from hotshelf_store.store import Store, open_store

__all__ = [
    "CANDIDATE",
    "CHAMPION",
    "PREVIOUS",
    "AliasRevision",
    "Change",
    "Check",
    "DataSummary",
    "File",
    "GoldenSummary",
    "Lineage",
    "Manifest",
    "Metric",
    "Route",
    "Signature",
    "Store",
    "StoreError",
    "TensorSpec",
    "Verdict",
    "lead",
    "named",
    "open_store",
]
