"""What the dataplane is asked, and what it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hotshelf_server.core.recommendation import Recommendations
from hotshelf_server.core.types import Array, Parameters, TensorSpec, Times, VersionId
from hotshelf_server.core.validation import NamedTensor
from hotshelf_server.execution.executor import Cancellation
from hotshelf_server.execution.job import Patience
from hotshelf_server.models.routing import no_key


def _to_nobody(version: VersionId) -> None:
    """Nobody asked where the call went."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and how long they wait.

    ``key`` gives what keeps a caller on one version of a split route, and is asked for where a route is split.
    ``routed`` hears which version the call was led to, ``cancellation`` tells when the caller has gone.
    """

    patience: Patience = field(default_factory=Patience)
    key: Callable[[], str] = no_key
    routed: Callable[[VersionId], None] = _to_nobody
    cancellation: Cancellation | None = None


@dataclass(frozen=True, slots=True)
class InferRequest:
    """Tensors for a model. ``version`` is a number, an alias, or empty; no ``outputs`` means all of them."""

    model: str
    version: str
    tensors: Sequence[NamedTensor]
    outputs: Sequence[str] = ()
    parameters: Parameters = field(default_factory=dict)
    caller: Caller = field(default_factory=Caller)


@dataclass(frozen=True, slots=True)
class InferResult:
    """The version that answered, and its tensors with the specs that they fulfil.

    ``rows`` are those of the request; ``decoupled`` is true for one of several responses.
    """

    id: VersionId
    outputs: Sequence[tuple[TensorSpec, Array]]
    parameters: Parameters
    rows: int
    times: Times
    decoupled: bool = False


@dataclass(frozen=True, slots=True)
class RecommendResult:
    """The version that answered, and its products."""

    id: VersionId
    recommendations: Recommendations
    times: Times
