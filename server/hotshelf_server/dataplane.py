"""What a request means: admit → route → lease → validate → execute. Free of wire and transport."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from hotshelf_server.core.errors import FailedPrecondition, HotshelfError, ModelFault
from hotshelf_server.core.interfaces import Recommender, Servable
from hotshelf_server.core.recommendation import Query, Recommendations
from hotshelf_server.core.types import Array, Parameters, Response, Signature, Tensors, TensorSpec, VersionId
from hotshelf_server.core.validation import NamedTensor, check_inputs, check_outputs
from hotshelf_server.execution.admission import Admission
from hotshelf_server.models.manager import Manager


@dataclass(frozen=True, slots=True)
class InferRequest:
    """Tensors for a model. ``version`` is a number, an alias, or empty; no ``outputs`` means all of them.

    ``seconds_left`` is the time to the caller's deadline, None without one; ``key`` keeps a caller on one version of a
    split route.
    """

    model: str
    version: str
    tensors: Sequence[NamedTensor]
    outputs: Sequence[str] = ()
    parameters: Parameters = field(default_factory=dict)
    seconds_left: float | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class InferResult:
    """The version that answered, and its tensors with the specs that they fulfil."""

    id: VersionId
    outputs: Sequence[tuple[TensorSpec, Array]]
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class RecommendResult:
    """The version that answered, and its products."""

    id: VersionId
    recommendations: Recommendations


Scores = Callable[[VersionId, Array], None]
"""Takes the scores (floating-point, any shape) that a version answered while its alias was split."""


class Dataplane:
    """Every call of every transport ends here."""

    def __init__(self, manager: Manager, admission: Admission, scores: Scores = lambda *_: None) -> None:
        self._manager = manager
        self._admission = admission
        self._scores = scores

    def infer(self, request: InferRequest) -> InferResult:
        """One inference."""
        with (
            self._admission.slot(request.seconds_left),
            self._manager.lease(request.model, request.version, request.key) as lease,
        ):
            signature = lease.servable.signature
            inputs = check_inputs(signature, request.tensors)
            wanted = check_outputs(signature, request.outputs)
            response = _predict(lease.servable, inputs, request.parameters)
            outputs = [(spec, response.outputs[spec.name]) for spec in wanted]
            if lease.split:
                self._scores(lease.id, _first_scores(signature, response.outputs))
            return InferResult(lease.id, outputs, response.parameters)

    def recommend(self, model: str, version: str, query: Query, seconds_left: float | None) -> RecommendResult:
        """Products for one customer. Raises `FailedPrecondition` for a model that is no recommender."""
        with (
            self._admission.slot(seconds_left),
            self._manager.lease(model, version, query.customer) as lease,
        ):
            if not isinstance(lease.servable, Recommender):
                raise FailedPrecondition(
                    f"model {model!r} is no recommender; ask it with ModelInfer", model=model, version=lease.id.version
                )
            recommendations = lease.servable.recommend(query)
            if lease.split:
                self._scores(lease.id, np.array([item.score for item in recommendations.items]))
            return RecommendResult(lease.id, recommendations)

    def signature(self, model: str, version: str) -> tuple[VersionId, Signature]:
        """The version that a name leads to now, and its signature."""
        with self._manager.lease(model, version) as lease:
            return lease.id, lease.servable.signature


def _first_scores(signature: Signature, outputs: Tensors) -> Array:
    """The first floating-point output; nothing where the model has none."""
    found = (outputs[spec.name] for spec in signature.outputs if spec.name in outputs)
    return next((array for array in found if array.dtype.kind == "f"), np.empty(0))


def _predict(servable: Servable, inputs: Tensors, parameters: Parameters) -> Response:
    try:
        answer = servable.predict(inputs, parameters)
        if isinstance(answer, Response):
            return answer
        responses = list(answer)
    except HotshelfError:
        raise
    except Exception as error:
        raise ModelFault(f"the model raised {type(error).__name__}: {error}") from error
    if len(responses) != 1:
        raise FailedPrecondition(
            f"the model gave {len(responses)} responses to one request; a unary call can return exactly one"
        )
    return responses[0]
