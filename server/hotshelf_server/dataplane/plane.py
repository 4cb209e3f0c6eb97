"""The way of every call: admit → route → lease → validate → execute."""

from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from hotshelf_server.core.errors import FailedPrecondition
from hotshelf_server.core.interfaces import Recommender, Servable
from hotshelf_server.core.recommendation import Query, Recommendations
from hotshelf_server.core.types import Array, Response, Signature, Tensors, TensorSpec, VersionId
from hotshelf_server.core.validation import check_inputs, check_outputs
from hotshelf_server.dataplane.predicting import answer_of, each, predict_one
from hotshelf_server.dataplane.requests import Caller, InferRequest, InferResult, RecommendResult
from hotshelf_server.dataplane.shadow import Shadow
from hotshelf_server.execution.admission import Admission, Slot
from hotshelf_server.execution.batches import key_of, rows_of
from hotshelf_server.execution.executor import Executor
from hotshelf_server.execution.job import Job, Part, Terms
from hotshelf_server.models.leases import Lease
from hotshelf_server.models.manager import Manager

Scores = Callable[[VersionId, Array], None]
"""Takes the scores (floating-point, any shape) that a version answered while its alias was split."""

Offer = Callable[[VersionId, Tensors, Tensors], None]
"""Takes the inputs and outputs of an answered call, to look at some of them later."""


class _Task(NamedTuple):
    """A request that may be computed: its job, and what is made of the responses."""

    job: Job[Response]
    inputs: Tensors
    wanted: Sequence[TensorSpec]

    def result(self, response: Response, *, decoupled: bool = False) -> InferResult:
        outputs = [(spec, response.outputs[spec.name]) for spec in self.wanted]
        return InferResult(self.job.id, outputs, response.parameters, self.job.rows, self.job.times, decoupled)


class Dataplane:
    """Every call of every transport ends here."""

    def __init__(
        self,
        manager: Manager,
        admission: Admission,
        executor: Executor,
        shadow: Shadow,
        *,
        scores: Scores,
        offer: Offer,
    ) -> None:
        self._manager = manager
        self._admission = admission
        self._executor = executor
        self._shadow = shadow
        self._scores = scores
        self._offer = offer

    def infer(self, request: InferRequest) -> InferResult:
        """One inference with one answer. Raises `FailedPrecondition` when the model gives none, or several."""
        with self._admit(request.caller), self._lease(request.model, request.version, request.caller) as lease:
            task = self._task(lease, request, joins=True)
            response = self._executor.run(task.job, request.caller.cancellation)
            ask = partial(predict_one, inputs=task.inputs, parameters=request.parameters)
            self._shadow.follow(lease, ask, response, task.inputs)
            if lease.split:
                self._scores(lease.id, scores_of(response))
            self._offer(lease.id, task.inputs, response.outputs)
            return task.result(response)

    def stream(self, request: InferRequest) -> Generator[InferResult, None, None]:
        """One inference with as many answers as the model gives, each as soon as it is there."""
        with self._admit(request.caller), self._lease(request.model, request.version, request.caller) as lease:
            # Only a model with a process of its own may give several responses, and those can't be parted by rows.
            task = self._task(lease, request, joins=not lease.elsewhere)
            if task.job.part is not None:
                yield task.result(self._executor.run(task.job, request.caller.cancellation))
                return
            with self._executor.place(task.job, request.caller.cancellation):
                answer = answer_of(lease.servable, task.inputs, request.parameters)
                if isinstance(answer, Response):
                    yield task.result(answer)
                else:
                    yield from (task.result(response, decoupled=True) for response in each(answer))

    def recommend(self, model: str, version: str, query: Query, caller: Caller) -> RecommendResult:
        """Products for one customer. Raises `FailedPrecondition` for a model that is no recommender."""
        with self._admit(caller), self._lease(model, version, caller) as lease:
            ask = partial(_recommend, model, query)
            job = Job(lease.id, partial(ask, lease.servable), self._terms(lease, caller))
            recommendations = self._executor.run(job, caller.cancellation)
            self._shadow.follow(lease, ask, recommendations)
            if lease.split:
                self._scores(lease.id, np.array([item.score for item in recommendations.items]))
            return RecommendResult(lease.id, recommendations, job.times)

    def signature(self, model: str, version: str) -> tuple[VersionId, Signature]:
        """The version that a name leads to now, and its signature."""
        with self._manager.lease(model, version) as lease:
            return lease.id, lease.servable.signature

    def _admit(self, caller: Caller) -> Slot:
        return self._admission.slot(caller.patience.seconds_left)

    def _lease(self, model: str, version: str, caller: Caller) -> Lease:
        lease = self._manager.lease(model, version, caller.key, caller.patience.seconds_left)
        caller.routed(lease.id)
        return lease

    def _task(self, lease: Lease, request: InferRequest, *, joins: bool) -> _Task:
        """The request, held to the model's signature; ``joins`` tells whether it may be joined with others.

        Raises `InvalidInput`.
        """
        servable = lease.servable
        inputs = check_inputs(servable.signature, request.tensors)
        wanted = check_outputs(servable.signature, request.outputs)
        rows = rows_of(inputs) if servable.signature.by_row else None
        part = None
        if joins and rows is not None and self._executor.joins(lease.id.model):
            predict = partial(predict_one, servable, parameters=request.parameters)
            part = Part(key_of(inputs, request.parameters), inputs, predict)
        compute = partial(predict_one, servable, inputs, request.parameters)
        terms = self._terms(lease, request.caller)
        return _Task(Job(lease.id, compute, terms, part, rows=rows or 1), inputs, wanted)

    def _terms(self, lease: Lease, caller: Caller) -> Terms:
        return self._executor.terms(lease.id.model, caller.patience, elsewhere=lease.elsewhere)


def scores_of(response: Response) -> Array:
    """The first floating-point output; nothing where the model has none."""
    return next((array for array in response.outputs.values() if array.dtype.kind == "f"), np.empty(0))


def _recommend(model: str, query: Query, servable: Servable) -> Recommendations:
    if not isinstance(servable, Recommender):
        raise FailedPrecondition(f"model {model!r} is no recommender; ask it with ModelInfer", model=model)
    return servable.recommend(query)
