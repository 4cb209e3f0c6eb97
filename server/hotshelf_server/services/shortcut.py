"""The short way of ModelInfer: from bytes to bytes, for messages whose like was answered before."""

from collections import OrderedDict
from dataclasses import dataclass

from hotshelf.inference import open_inference_pb2 as pb
from hotshelf_server.core.interfaces import Clock
from hotshelf_server.dataplane.plans import Plan, Plans
from hotshelf_server.observability.tallies import Answered
from hotshelf_server.services.frames import Frame, beginning_of, learn

MAX_KINDS = 1024
"""Kinds of messages that are known at once: the models, versions, and numbers of rows that clients ask for."""

MAX_BYTES = 8 << 10
"""Size of messages that are learned from; those that are answered at once are no larger."""


@dataclass(slots=True)
class _Kind:
    frame: Frame
    reached: str
    plan: Plan | None


class InferShortcut:
    """For one thread: that on which messages are answered at once."""

    def __init__(self, plans: Plans, clock: Clock) -> None:
        self._plans = plans
        self._now, self._monotonic = clock.now, clock.monotonic
        self._kinds: OrderedDict[tuple[bytes, int], _Kind] = OrderedDict()
        self._met: OrderedDict[int, None] = OrderedDict()

    def answer(self, content: bytes, deadline: float) -> bytes | None:
        """The answer to a message; None for one that is to go the usual way. ``deadline``: seconds since the epoch."""
        started = self._monotonic()
        beginning = beginning_of(content)
        if beginning is None:
            return None
        model, identifier, at = beginning
        kind = self._kinds.get((model, len(content) - at))
        if kind is None or kind.plan is None:
            return None
        frame, plan = kind.frame, kind.plan
        inputs = frame.read(content, at)
        if inputs is None:
            return None
        begun = self._monotonic()
        now = self._now()
        outputs = self._plans.compute(plan, inputs, deadline - now)
        computed = self._monotonic()
        answer = None if outputs is None else frame.write(identifier, outputs)
        if answer is None:
            kind.plan = None
            return None
        ended = self._monotonic()
        tally = plan.tally
        rows = frame.rows if plan.by_row else 1
        tally.add(Answered(rows, begun - started, computed - begun, ended - computed, ended - started, now))
        if tally.full:
            tally.settle()
        return answer

    def learn(self, content: bytes, request: pb.ModelInferRequest, response: pb.ModelInferResponse) -> None:
        """Hear how a message was answered the usual way. What is met for the second time is remembered."""
        beginning = beginning_of(content)
        if beginning is None or len(content) > MAX_BYTES:
            return
        key = beginning.model, len(content) - beginning.end
        kind, reached = self._kinds.get(key), response.model_version
        if kind is None or kind.reached != reached or kind.frame.read(content, beginning.end) is None:
            frame = learn(content, request, response) if kind is not None or self._is_met_again(key) else None
            if frame is None:
                return
            kind = self._kinds[key] = _Kind(frame, reached, None)
            if len(self._kinds) > MAX_KINDS:
                self._kinds.popitem(last=False)
        kind.plan = self._plans.make(request.model_name, request.model_version, int(reached))

    def _is_met_again(self, key: tuple[bytes, int]) -> bool:
        """Whether a message of this kind was met lately: to learn from each that comes but once would cost all."""
        mark = hash(key)
        if mark in self._met:
            del self._met[mark]
            return True
        self._met[mark] = None
        if len(self._met) > MAX_KINDS:
            self._met.popitem(last=False)
        return False
