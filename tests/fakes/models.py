"""Twins of the server's seams: a servable, a source and a loader that do what a test says."""

from collections.abc import Callable, Mapping

from hotshelf_server.core.types import Answer, Parameters, Response, Signature, Tensors, TensorSpec, VersionId
from hotshelf_server.models.harness import Loaded
from hotshelf_server.models.source import Bundle, Emission, Wanted
from hotshelf_store import StoreError

ECHO = Signature((TensorSpec("x", "FP64", (-1,)),), (TensorSpec("y", "FP64", (-1,)),))


class FakeServable:
    """Answers its input."""

    def __init__(self, signature: Signature = ECHO) -> None:
        self.signature = signature
        self.closed = False

    def predict(self, inputs: Tensors, parameters: Parameters) -> Answer:
        return Response({"y": inputs["x"]}, parameters)

    def close(self) -> None:
        self.closed = True


class FakeSource:
    """Wants what it is told to want."""

    def __init__(self) -> None:
        self.models: dict[str, Wanted] = {}
        self.error: StoreError | None = None
        self.complete = True

    def want(self, model: str, routes: Mapping[str, Mapping[int, int]]) -> None:
        """Want the versions of these routes."""
        versions = frozenset(version for weights in routes.values() for version in weights)
        self.models = {**self.models, model: Wanted(versions, routes)}

    def poll(self) -> Emission:
        if self.error is not None:
            raise self.error
        return Emission(self.models, complete=self.complete)

    def fetch(self, version: VersionId) -> Bundle:
        raise AssertionError("the fake loader fetches nothing")


class FakeLoader:
    """Loads fake servables; some versions behave as a test says."""

    def __init__(self) -> None:
        self.loaded: dict[VersionId, FakeServable] = {}
        self.behaviours: dict[int, Callable[[], None]] = {}
        self.memory: dict[VersionId, int] = {}
        self.makes: dict[int, Callable[[], FakeServable]] = {}

    def __call__(self, version: VersionId) -> Loaded:
        self.behaviours.get(version.version, lambda: None)()
        self.loaded[version] = self.makes.get(version.version, FakeServable)()
        return Loaded(self.loaded[version], self.memory.get(version, 0))
