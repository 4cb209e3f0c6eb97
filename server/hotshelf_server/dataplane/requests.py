"""What the dataplane is asked, and what it answers."""

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import NamedTuple

from hotshelf_server.core.recommendation import Recommendations
from hotshelf_server.core.types import Array, Parameters, TensorSpec, Times, VersionId
from hotshelf_server.core.validation import NamedTensor
from hotshelf_server.execution.executor import Cancellation
from hotshelf_server.execution.job import Patience
from hotshelf_server.models.routing import no_key


def _to_nobody(version: VersionId) -> None:
    """Nobody asked where the call went."""


class Caller(NamedTuple):
    """Who asks, and how long they wait.

    ``key`` gives what keeps a caller on one version of a split route, and is asked for where a route is split.
    ``routed`` hears which version the call was led to, ``cancellation`` tells when the caller has gone.
    """

    patience: Patience = Patience()
    key: Callable[[], str] = no_key
    routed: Callable[[VersionId], None] = _to_nobody
    cancellation: Cancellation | None = None


class InferRequest(NamedTuple):
    """Tensors for a model. ``version`` is a number, an alias, or empty; no ``outputs`` means all of them."""

    model: str
    version: str
    tensors: Sequence[NamedTensor]
    outputs: Sequence[str] = ()
    parameters: Parameters = MappingProxyType({})
    caller: Caller = Caller()


class InferResult(NamedTuple):
    """The version that answered, and its tensors with the specs that they fulfil.

    ``rows`` are those of the request; ``decoupled`` is true for one of several responses.
    """

    id: VersionId
    outputs: Sequence[tuple[TensorSpec, Array]]
    parameters: Parameters
    rows: int
    times: Times
    decoupled: bool = False


class RecommendResult(NamedTuple):
    """The version that answered, and its products."""

    id: VersionId
    recommendations: Recommendations
    times: Times
